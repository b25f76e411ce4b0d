import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { meQuery } from '../../../lib/me.ts'
import { useSubmit } from '../../../lib/use-submit.ts'
import { Button } from '../../../ui/button.tsx'
import { Notice } from '../../../ui/notice.tsx'
import { Refusal } from '../../../ui/refusal.tsx'
import { useSignOut } from '../use-sign-out.ts'
import { MailSent } from './mail-sent.tsx'
import { ResendVerification } from './resend-verification.tsx'

/** What somebody can do who is signed in and has not confirmed their address yet. */
export function PendingMember({ email }: { readonly email: string }) {
  const queries = useQueryClient()
  const [isNotYet, setNotYet] = useState(false)
  const [failure, setFailure] = useState<string>()
  const { signOut, isBusy: isLeaving } = useSignOut(setFailure)
  const submission = useSubmit({
    send: () => queries.fetchQuery({ ...meQuery, staleTime: 0 }),
    onDone: (me) => setNotYet(me?.status === 'pending_verification'),
  })
  return (
    <div className="grid gap-4">
      <MailSent>
        <p>
          Your account opens once you have followed the link that we sent to <strong>{email}</strong>. It is
          good for 24 hours.
        </p>
      </MailSent>
      {isNotYet && (
        <Notice kind="warning">It is not confirmed yet. Open the link in the newest mail from us.</Notice>
      )}
      <Refusal {...submission} />
      <Button kind="primary" isBusy={submission.isBusy} onClick={() => submission.send()}>
        I have followed the link
      </Button>
      <ResendVerification email={email} />
      <div className="grid gap-3 border-t border-line pt-4">
        {failure !== undefined && <Notice kind="danger">{failure}</Notice>}
        <Button kind="quiet" isBusy={isLeaving} onClick={signOut}>
          Sign out
        </Button>
      </div>
    </div>
  )
}
