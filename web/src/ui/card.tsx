import type { ReactNode } from 'react'

interface CardProps {
  readonly title: ReactNode
  /** Stands at the right of the title. */
  readonly actions?: ReactNode
  readonly children: ReactNode
}

/** A part of a page that stands on its own. */
export function Card({ title, actions, children }: CardProps) {
  return (
    <section className="grid grid-cols-1 content-start gap-4 rounded-lg border border-line bg-surface p-4 sm:p-6">
      <header className="flex flex-wrap items-center justify-between gap-3">
        <h2>{title}</h2>
        {actions}
      </header>
      {children}
    </section>
  )
}
