import { useQueryClient } from '@tanstack/react-query'
import { Outlet } from '@tanstack/react-router'
import { useEffect } from 'react'
import { StepUp } from '../../features/accounts/components/step-up.tsx'
import { useActiveCredential } from '../../features/vault/api/active-credential.ts'
import { endSession } from '../../lib/api.ts'
import { listenToServer } from '../../lib/live-events.ts'
import { classNames } from '../../ui/class-names.ts'
import { Toasts } from '../../ui/toasts.tsx'
import { MemberHeader } from './member-header.tsx'

/** Around the pages of a member: keeps them current, and asks for a proof of identity where one is wanted. */
export function MemberShell() {
  useLiveEvents()
  const { isLoading } = useActiveCredential()
  return (
    <div className="grid min-h-dvh grid-cols-1 grid-rows-[auto_1fr]">
      <MemberHeader />
      {/* Note: whether the header has something to ask is known in a moment; what stands below it must not jump then. */}
      <main
        id="content"
        className={classNames('mx-auto w-full max-w-7xl px-4 py-6', isLoading && 'appear-late')}
      >
        <Outlet />
      </main>
      <StepUp />
      <Toasts />
    </div>
  )
}

function useLiveEvents(): void {
  const queries = useQueryClient()
  useEffect(
    () =>
      listenToServer({
        'session.ended': endSession,
        'credential.changed': () => void queries.invalidateQueries({ queryKey: ['vault'] }),
        resync: () => void queries.invalidateQueries(),
      }),
    [queries],
  )
}
