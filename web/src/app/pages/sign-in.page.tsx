import { getRouteApi, Link, useRouter } from '@tanstack/react-router'
import { useEffect } from 'react'
import { SignIn } from '../../features/accounts/components/sign-in.tsx'
import { useVisitor } from '../../lib/me.ts'
import { NarrowPage } from '../shell/narrow-page.tsx'

const route = getRouteApi('/visitor/signin')

export function Page() {
  useWayIn()
  return (
    <NarrowPage title="Sign in">
      <SignIn />
      <p className="flex flex-wrap justify-between gap-x-6 gap-y-2 border-t border-line pt-4">
        <Link to="/forgot" className="text-accent underline underline-offset-4">
          Forgot your password?
        </Link>
        <Link to="/signup" className="text-accent underline underline-offset-4">
          Make an account
        </Link>
      </p>
    </NarrowPage>
  )
}

/** Leads on whoever is signed in: to where they were going, or to what their account still waits for. */
function useWayIn(): void {
  const { next = '/home' } = route.useSearch()
  const { history } = useRouter()
  const me = useVisitor()
  useEffect(() => {
    if (me) history.replace(me.status === 'pending_verification' ? '/verify' : next)
  }, [me, next, history])
}
