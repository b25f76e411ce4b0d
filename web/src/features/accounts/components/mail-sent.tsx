import type { ReactNode } from 'react'

/** What to do when a mail with a link is on its way. */
export function MailSent({ children }: { readonly children: ReactNode }) {
  return (
    <div className="grid gap-3">
      {children}
      <p className="text-ink-soft">It can take a few minutes. If nothing arrives, look among your spam.</p>
    </div>
  )
}
