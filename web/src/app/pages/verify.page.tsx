import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { resendVerification } from '../../features/accounts/api/joining.ts'
import { ConfirmAddress } from '../../features/accounts/components/confirm-address.tsx'
import { EmailForm } from '../../features/accounts/components/email-form.tsx'
import { MailSent } from '../../features/accounts/components/mail-sent.tsx'
import { PendingMember } from '../../features/accounts/components/pending-member.tsx'
import { useFragmentToken } from '../../lib/fragment-token.ts'
import { useVisitor } from '../../lib/me.ts'
import { buttonClass } from '../../ui/button.tsx'
import { NarrowPage } from '../shell/narrow-page.tsx'

export function Page() {
  const token = useFragmentToken()
  const me = useVisitor()
  const [isConfirmed, setConfirmed] = useState(false)
  if (isConfirmed || me?.status === 'active') {
    return (
      <NarrowPage title="Your address is confirmed">
        <p>Your account is open.</p>
        <Link to={me ? '/home' : '/signin'} className={buttonClass('primary')}>
          {me ? 'Go to your desk' : 'Sign in'}
        </Link>
      </NarrowPage>
    )
  }
  if (token !== undefined) {
    return (
      <NarrowPage title="Confirm your address">
        <ConfirmAddress key={token} token={token} onConfirmed={() => setConfirmed(true)} />
      </NarrowPage>
    )
  }
  if (me) {
    return (
      <NarrowPage title="Confirm your address first">
        <PendingMember email={me.email} />
      </NarrowPage>
    )
  }
  return <WithoutLink />
}

function WithoutLink() {
  const [email, setEmail] = useState<string>()
  if (email === undefined) {
    return (
      <NarrowPage title="Confirm your address">
        <p>
          Open the link in the mail that we sent you. If you cannot find it, or it is older than 24 hours,
          have another one sent.
        </p>
        <EmailForm send={resendVerification} onDone={setEmail} action="Send a new link" />
      </NarrowPage>
    )
  }
  return (
    <NarrowPage title="Look into your mail">
      <MailSent>
        <p>
          If an account with the address <strong>{email}</strong> waits to be confirmed, a new link is on its
          way there.
        </p>
      </MailSent>
    </NarrowPage>
  )
}
