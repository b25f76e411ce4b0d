import type { ReactNode } from 'react'
import { isAdministrator, useMe } from '../../lib/me.ts'
import { useDocumentTitle } from '../../lib/use-document-title.ts'
import { Notice } from '../../ui/notice.tsx'
import { SectionNav } from '../shell/section-nav.tsx'

const PLACES = [
  { to: '/admin/users', name: 'Members' },
  { to: '/admin/system', name: 'System' },
] as const

/** Around the pages of administrators; tells everybody else that these are not theirs. */
export function AdminFrame({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  useDocumentTitle(title)
  const me = useMe()
  return (
    <div className="grid gap-6">
      <header className="flex flex-wrap items-center gap-4">
        <h1>{title}</h1>
        <SectionNav label="Administration" places={PLACES} className="flex" />
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
