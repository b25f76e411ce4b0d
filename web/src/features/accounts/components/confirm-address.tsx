import { useState } from 'react'
import { Notice } from '../../../ui/notice.tsx'
import { resendVerification, verifyEmail } from '../api/joining.ts'
import { EmailForm } from './email-form.tsx'
import { MailedLinkStep } from './mailed-link-step.tsx'

interface ConfirmAddressProps {
  /** The token of the mailed link. */
  readonly token: string
  onConfirmed(): void
}

/** Confirms the address of a new account. */
export function ConfirmAddress({ token, onConfirmed }: ConfirmAddressProps) {
  return (
    <MailedLinkStep
      token={token}
      send={verifyEmail}
      onDone={onConfirmed}
      action="Confirm my address"
      whenDead="It may have been used already; then you can simply sign in. Links are good for 24 hours, and a newer mail ends the older ones."
      otherWay={<NewLink />}
    >
      <p>Press the button, and your account is open.</p>
    </MailedLinkStep>
  )
}

function NewLink() {
  const [email, setEmail] = useState<string>()
  if (email === undefined)
    return <EmailForm send={resendVerification} onDone={setEmail} action="Send a new link" />
  return (
    <Notice kind="good">
      If an account with the address {email} waits to be confirmed, a new link is on its way.
    </Notice>
  )
}
