import { useQueryClient } from '@tanstack/react-query'
import { Outlet } from '@tanstack/react-router'
import { useEffect } from 'react'
import { StepUp } from '../../features/accounts/components/step-up.tsx'
import { endSession } from '../../lib/api.ts'
import { openLiveStream } from '../../lib/live-events.ts'
import { Toasts } from '../../ui/toasts.tsx'
import { MemberHeader } from './member-header.tsx'

/** Around the pages of a member: keeps them current, and asks for a proof of identity where one is wanted. */
export function MemberShell() {
  useLiveEvents()
  return (
    <div className="grid min-h-dvh grid-cols-1 grid-rows-[auto_1fr]">
      <MemberHeader />
      <main id="content" className="mx-auto w-full max-w-6xl px-4 py-6">
        <Outlet />
      </main>
      <StepUp />
      <Toasts />
    </div>
  )
}

function useLiveEvents(): void {
  const queries = useQueryClient()
  useEffect(() => {
    const stream = openLiveStream()
    stream.on('session.ended', endSession)
    stream.on('credential.changed', () => void queries.invalidateQueries({ queryKey: ['vault'] }))
    stream.on('resync', () => void queries.invalidateQueries())
    return () => stream.close()
  }, [queries])
}
