import { useState } from 'react'
import { useSubmit } from '../../../lib/use-submit.ts'
import { Button } from '../../../ui/button.tsx'
import { Notice } from '../../../ui/notice.tsx'
import { Refusal } from '../../../ui/refusal.tsx'
import { resendVerification } from '../api/joining.ts'

/** Sends the mail that confirms an address once more. */
export function ResendVerification({ email }: { readonly email: string }) {
  const [isSent, setSent] = useState(false)
  const submission = useSubmit({ send: resendVerification, onDone: () => setSent(true) })
  return (
    <div className="grid justify-items-start gap-3">
      {isSent && (
        <Notice kind="good">Another mail is on its way. Only the link in the newest mail works.</Notice>
      )}
      <Refusal {...submission} />
      <Button
        isBusy={submission.isBusy}
        onClick={() => {
          setSent(false)
          submission.send(email)
        }}
      >
        Send the mail again
      </Button>
    </div>
  )
}
