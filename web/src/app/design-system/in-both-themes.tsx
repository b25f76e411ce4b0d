import type { ReactNode } from 'react'

interface InBothThemesProps {
  readonly title: string
  /** When to use what is shown. */
  readonly note?: string
  /** Draws it once for each theme; what has a name in the page gets the theme's into it. */
  children(theme: 'light' | 'dark'): ReactNode
}

/** A sample, light and dark side by side. */
export function InBothThemes({ title, note, children }: InBothThemesProps) {
  return (
    <section className="grid gap-3">
      <h2>{title}</h2>
      {note !== undefined && <p className="max-w-prose text-ink-soft">{note}</p>}
      <div className="grid gap-4 lg:grid-cols-2">
        <div className="grid min-w-0 content-start gap-4 rounded-lg border border-line bg-ground p-4 text-ink scheme-light">
          {children('light')}
        </div>
        <div className="grid min-w-0 content-start gap-4 rounded-lg border border-line bg-ground p-4 text-ink scheme-dark">
          {children('dark')}
        </div>
      </div>
    </section>
  )
}
