import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useDocumentTitle } from '../../lib/use-document-title.ts'

const PLACES = [
  { to: '/settings/profile', name: 'Profile' },
  { to: '/settings/security', name: 'Security' },
  { to: '/settings/notifications', name: 'Notifications' },
  { to: '/settings/privacy', name: 'Privacy' },
  { to: '/settings/delete', name: 'Delete account' },
] as const

const LINK =
  'flex min-h-11 items-center rounded-md px-3 whitespace-nowrap text-ink-soft hover:bg-sunken aria-[current=page]:bg-accent-soft aria-[current=page]:font-semibold aria-[current=page]:text-ink'

/** Around the pages of the settings: what there is, and where one is. */
export function SettingsFrame({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  useDocumentTitle(title)
  return (
    <div className="grid grid-cols-1 gap-6 md:grid-cols-[12rem_minmax(0,1fr)]">
      <nav aria-label="Settings" className="flex flex-wrap content-start md:flex-col">
        {PLACES.map(({ to, name }) => (
          <Link key={to} to={to} className={LINK}>
            {name}
          </Link>
        ))}
      </nav>
      <div className="grid grid-cols-1 content-start gap-6">
        <h1>{title}</h1>
        {children}
      </div>
    </div>
  )
}
