import { Outlet } from '@tanstack/react-router'
import { useEffect, useSyncExternalStore } from 'react'
import { isDemo } from '../../lib/page-meta.ts'
import { sessionEnd } from '../../lib/session-end.ts'
import { watchMember } from '../../lib/watch-member.ts'
import { OfflineNotice } from './offline-notice.tsx'
import { SignedOutElsewhere } from './signed-out-elsewhere.tsx'

/** What stands around every page. */
export function RootShell() {
  useEffect(watchMember, [])
  const isEnded = useSyncExternalStore(sessionEnd.subscribe, sessionEnd.isEnded)
  return (
    <>
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-md focus:bg-surface focus:p-3"
      >
        Skip to the content
      </a>
      {isDemo && (
        <aside
          aria-label="Demo"
          className="not-printed bg-warning-soft px-4 py-2 text-center text-sm text-warning"
        >
          <strong>Demo.</strong> Everyone here is made up, the broker is a stand-in, and all of it is thrown
          away at the end.
        </aside>
      )}
      <OfflineNotice />
      {isEnded ? <SignedOutElsewhere /> : <Outlet />}
    </>
  )
}
