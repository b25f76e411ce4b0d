const KEY = 'outcry-loaded-again'
const ONCE_IN_MS = 60_000

let isStale = false
addEventListener('vite:preloadError', () => {
  isStale = true
})

/**
 * Loads the page again when a part of the app could not be fetched: after an upgrade the server has the parts of the new
 * app only. At most once a minute, so that a page that stays broken can say so. True when it does.
 */
export function reloadIfStale(): boolean {
  const lastMs = Number(sessionStorage.getItem(KEY) ?? 0)
  if (!isStale || !navigator.onLine || Date.now() - lastMs < ONCE_IN_MS) return false
  sessionStorage.setItem(KEY, String(Date.now()))
  location.reload()
  return true
}
