import type { ReactNode } from 'react'
import { useDocumentTitle } from '../../lib/use-document-title.ts'
import { SectionNav } from '../shell/section-nav.tsx'

const PLACES = [
  { to: '/settings/profile', name: 'Profile' },
  { to: '/settings/security', name: 'Security' },
  { to: '/settings/notifications', name: 'Notifications' },
  { to: '/settings/privacy', name: 'Privacy' },
  { to: '/settings/delete', name: 'Delete account' },
] as const

/** Around the pages of the settings: what there is, and where one is. */
export function SettingsFrame({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  useDocumentTitle(title)
  return (
    <div className="grid grid-cols-1 gap-6 md:grid-cols-[12rem_minmax(0,1fr)]">
      <SectionNav label="Settings" places={PLACES} className="flex flex-wrap content-start md:flex-col" />
      <div className="grid grid-cols-1 content-start gap-6">
        <h1>{title}</h1>
        {children}
      </div>
    </div>
  )
}
