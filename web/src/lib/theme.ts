/** How the site looks: as the device says, or always one way. */
export const themes = ['system', 'light', 'dark'] as const
/** One of `themes`. */
export type Theme = (typeof themes)[number]

const KEY = 'outcry-theme'

/** What was chosen on this device. */
export function chosenTheme(): Theme {
  const stored = localStorage.getItem(KEY)
  return themes.find((theme) => theme === stored) ?? 'system'
}

/** Shows the page in the chosen theme. */
export function applyTheme(): void {
  const theme = chosenTheme()
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}

/** Hears that the colours are others now: another theme was chosen, or the device changed its own. Returns what stops it. */
export function onColoursChange(listener: () => void): () => void {
  const device = matchMedia('(prefers-color-scheme: dark)')
  const choice = new MutationObserver(listener)
  device.addEventListener('change', listener)
  choice.observe(document.documentElement, { attributeFilter: ['data-theme'] })
  return () => {
    device.removeEventListener('change', listener)
    choice.disconnect()
  }
}

/** Chooses a theme for this device, now and later. */
export function chooseTheme(theme: Theme): void {
  localStorage.setItem(KEY, theme)
  applyTheme()
}
