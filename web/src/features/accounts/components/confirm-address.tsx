import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { meQuery } from '../../../lib/me.ts'
import { ApiProblem } from '../../../lib/problem.ts'
import { useSubmit } from '../../../lib/use-submit.ts'
import { Button } from '../../../ui/button.tsx'
import { Notice } from '../../../ui/notice.tsx'
import { Refusal } from '../../../ui/refusal.tsx'
import { resendVerification, verifyEmail } from '../api/joining.ts'
import { EmailForm } from './email-form.tsx'

interface ConfirmAddressProps {
  /** The token of the mailed link. */
  readonly token: string
  onConfirmed(): void
}

/** Confirms an address on a press, so that programs which open the links of mails confirm nothing. */
export function ConfirmAddress({ token, onConfirmed }: ConfirmAddressProps) {
  const queries = useQueryClient()
  const submission = useSubmit({
    send: verifyEmail,
    async onDone() {
      await queries.invalidateQueries(meQuery)
      onConfirmed()
    },
  })
  if (submission.error instanceof ApiProblem && submission.error.status === 400) return <DeadLink />
  return (
    <div className="grid gap-4">
      <p>Press the button, and your account is open.</p>
      <Refusal {...submission} />
      <Button kind="primary" isBusy={submission.isBusy} onClick={() => submission.send(token)}>
        Confirm my address
      </Button>
    </div>
  )
}

function DeadLink() {
  const [email, setEmail] = useState<string>()
  return (
    <div className="grid gap-4">
      <Notice kind="danger" title="This link is not valid any more">
        It may have been used already; then you can simply sign in. Links are good for 24 hours, and a newer
        mail ends the older ones.
      </Notice>
      {email === undefined ? (
        <EmailForm send={resendVerification} onDone={setEmail} action="Send a new link" />
      ) : (
        <Notice kind="good">
          If an account with the address {email} waits to be confirmed, a new link is on its way.
        </Notice>
      )}
    </div>
  )
}
