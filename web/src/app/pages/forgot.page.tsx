import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { requestPasswordReset } from '../../features/accounts/api/password-reset.ts'
import { EmailForm } from '../../features/accounts/components/email-form.tsx'
import { MailSent } from '../../features/accounts/components/mail-sent.tsx'
import { Button } from '../../ui/button.tsx'
import { NarrowPage } from '../shell/narrow-page.tsx'

export function Page() {
  const [email, setEmail] = useState<string>()
  if (email !== undefined) {
    return (
      <NarrowPage title="Look into your mail">
        <MailSent>
          <p>
            If an account has the address <strong>{email}</strong>, a link to set a new password is on its way
            there. It is good for 10 minutes.
          </p>
        </MailSent>
        <Button onClick={() => setEmail(undefined)}>Use another address</Button>
      </NarrowPage>
    )
  }
  return (
    <NarrowPage title="Set a new password">
      <p>Say which address your account has, and we send you a link to set a new password.</p>
      <EmailForm send={requestPasswordReset} onDone={setEmail} action="Send the link" />
      <p className="border-t border-line pt-4">
        <Link to="/signin" className="text-accent underline underline-offset-4">
          Back to sign in
        </Link>
      </p>
    </NarrowPage>
  )
}
