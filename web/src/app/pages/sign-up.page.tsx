import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { join } from '../../features/accounts/api/joining.ts'
import { AccountForm } from '../../features/accounts/components/account-form.tsx'
import { MailSent } from '../../features/accounts/components/mail-sent.tsx'
import { ResendVerification } from '../../features/accounts/components/resend-verification.tsx'
import { siteName } from '../../lib/page-meta.ts'
import { NarrowPage } from '../shell/narrow-page.tsx'

export function Page() {
  const [email, setEmail] = useState<string>()
  if (email !== undefined) {
    return (
      <NarrowPage title="Look into your mail">
        <MailSent>
          <p>
            We have sent a link to <strong>{email}</strong>. Open it within 24 hours to confirm your address;
            then you can sign in.
          </p>
        </MailSent>
        <ResendVerification email={email} />
      </NarrowPage>
    )
  }
  return (
    <NarrowPage title={`Join ${siteName}`}>
      <AccountForm send={join} onDone={(joining) => setEmail(joining.email)} action="Make an account" />
      <p className="border-t border-line pt-4">
        You have an account?{' '}
        <Link to="/signin" className="text-accent underline underline-offset-4">
          Sign in
        </Link>
      </p>
    </NarrowPage>
  )
}
