import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { isAdministrator, useMe } from '../../lib/me.ts'
import { useDocumentTitle } from '../../lib/use-document-title.ts'
import { Notice } from '../../ui/notice.tsx'

const PLACES = [
  { to: '/admin/users', name: 'Members' },
  { to: '/admin/system', name: 'System' },
] as const

const LINK =
  'flex min-h-11 items-center rounded-md px-3 text-ink-soft hover:bg-sunken aria-[current=page]:bg-accent-soft aria-[current=page]:font-semibold aria-[current=page]:text-ink'

/** Around the pages of administrators; tells everybody else that these are not theirs. */
export function AdminFrame({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  useDocumentTitle(title)
  const me = useMe()
  return (
    <div className="grid gap-6">
      <header className="flex flex-wrap items-center gap-4">
        <h1>{title}</h1>
        <nav aria-label="Administration" className="flex">
          {PLACES.map(({ to, name }) => (
            <Link key={to} to={to} className={LINK}>
              {name}
            </Link>
          ))}
        </nav>
      </header>
      {isAdministrator(me) ? (
        children
      ) : (
        <Notice kind="warning" title="This page is for administrators.">
          Ask whoever runs this site if you need it.
        </Notice>
      )}
    </div>
  )
}
