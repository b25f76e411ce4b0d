import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { NewPasswordForm } from '../../features/accounts/components/new-password-form.tsx'
import { sessionEnd } from '../../lib/session-end.ts'
import { buttonClass } from '../../ui/button.tsx'
import { LinkPage } from '../shell/link-page.tsx'

const WITHOUT_LINK = {
  title: 'This page needs the link from our mail',
  text: (
    <>
      <p>
        Open the link in the mail once more, or have a new one sent. Each link is good for 10 minutes, and
        once.
      </p>
      <Link to="/forgot" className={buttonClass('primary')}>
        Send a new link
      </Link>
    </>
  ),
}
const DONE = {
  title: 'Your new password is set',
  text: (
    <>
      <p>Every session that was open has ended. Sign in with the new password.</p>
      <Link to="/signin" className={buttonClass('primary')}>
        Sign in
      </Link>
    </>
  ),
}

export function Page() {
  const queries = useQueryClient()
  const [doneWith, setDoneWith] = useState<string>()
  const finish = (token: string) => {
    sessionEnd.noteLeft()
    queries.clear()
    setDoneWith(token)
  }
  return (
    <LinkPage title="Set a new password" withoutLink={WITHOUT_LINK} doneWith={doneWith} done={DONE}>
      {(token) => (
        <>
          <NewPasswordForm token={token} onDone={() => finish(token)} />
          <p className="border-t border-line pt-4">
            <Link to="/forgot" className="text-accent underline underline-offset-4">
              Have a new link sent
            </Link>
          </p>
        </>
      )}
    </LinkPage>
  )
}
