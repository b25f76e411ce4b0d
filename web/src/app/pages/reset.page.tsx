import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { NewPasswordForm } from '../../features/accounts/components/new-password-form.tsx'
import { useFragmentToken } from '../../lib/fragment-token.ts'
import { sessionEnd } from '../../lib/session-end.ts'
import { buttonClass } from '../../ui/button.tsx'
import { NarrowPage } from '../shell/narrow-page.tsx'

export function Page() {
  const token = useFragmentToken()
  const queries = useQueryClient()
  const [isDone, setDone] = useState(false)
  if (isDone) {
    return (
      <NarrowPage title="Your new password is set">
        <p>Every session that was open has ended. Sign in with the new password.</p>
        <Link to="/signin" className={buttonClass('primary')}>
          Sign in
        </Link>
      </NarrowPage>
    )
  }
  if (token === undefined) {
    return (
      <NarrowPage title="This page needs the link from our mail">
        <p>
          Open the link in the mail once more, or have a new one sent. Each link is good for 10 minutes, and
          once.
        </p>
        <Link to="/forgot" className={buttonClass('primary')}>
          Send a new link
        </Link>
      </NarrowPage>
    )
  }
  return (
    <NarrowPage title="Set a new password">
      <NewPasswordForm
        key={token}
        token={token}
        onDone={() => {
          sessionEnd.noteLeft()
          queries.clear()
          setDone(true)
        }}
      />
      <p className="border-t border-line pt-4">
        <Link to="/forgot" className="text-accent underline underline-offset-4">
          Have a new link sent
        </Link>
      </p>
    </NarrowPage>
  )
}
