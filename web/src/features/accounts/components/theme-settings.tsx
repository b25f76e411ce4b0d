import { useState } from 'react'
import { chooseTheme, chosenTheme, type Theme, themes } from '../../../lib/theme.ts'
import { Card } from '../../../ui/card.tsx'

const NAMES: Record<Theme, string> = { system: 'As this device', light: 'Light', dark: 'Dark' }

/** Light or dark, on this device. */
export function ThemeSettings() {
  const [theme, setTheme] = useState(chosenTheme)
  return (
    <Card title="Appearance">
      <fieldset className="flex flex-wrap gap-x-6">
        <legend className="mb-1 text-sm text-ink-soft">Kept on this device only.</legend>
        {themes.map((each) => (
          <label key={each} className="flex min-h-11 items-center gap-2">
            <input
              type="radio"
              name="theme"
              className="size-5 accent-accent"
              checked={theme === each}
              onChange={() => {
                chooseTheme(each)
                setTheme(each)
              }}
            />
            {NAMES[each]}
          </label>
        ))}
      </fieldset>
    </Card>
  )
}
