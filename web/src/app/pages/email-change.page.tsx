import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { confirmEmailChange } from '../../features/accounts/api/email-change.ts'
import { MailedLinkStep } from '../../features/accounts/components/mailed-link-step.tsx'
import { useVisitor } from '../../lib/me.ts'
import { buttonClass } from '../../ui/button.tsx'
import { LinkPage } from '../shell/link-page.tsx'

const WITHOUT_LINK = {
  title: 'This page needs the link from our mail',
  text: (
    <>
      <p>
        Open the link in the mail once more, or ask for the change again in the settings of your account. Each
        link is good for 10 minutes, and once.
      </p>
      <Link to="/settings/security" className={buttonClass('primary')}>
        Go to the settings
      </Link>
    </>
  ),
}
const DONE = { title: 'Your address is changed', text: <Changed /> }

/** Proves a new address with the link that was mailed to it. */
export function Page() {
  const [doneWith, setDoneWith] = useState<string>()
  return (
    <LinkPage title="Use this address" withoutLink={WITHOUT_LINK} doneWith={doneWith} done={DONE}>
      {(token) => (
        <MailedLinkStep
          token={token}
          send={confirmEmailChange}
          onDone={() => setDoneWith(token)}
          action="Use this address"
          whenDead="It may have been used already, a newer one has taken its place, or you have signed out where you asked for it. Links are good for 10 minutes: ask for the change again in the settings of your account."
        >
          <p>
            Press the button if you asked for it, and your account has this address from then on. Your other
            sessions end, and the address of before gets a link to undo it for 72 hours.
          </p>
        </MailedLinkStep>
      )}
    </LinkPage>
  )
}

function Changed() {
  const me = useVisitor()
  return (
    <>
      {me ? (
        <p className="break-words">
          Your account has the address <strong>{me.email}</strong> now.
        </p>
      ) : (
        <p>From now on sign in with the new address, or with your username as before.</p>
      )}
      <Link to={me ? '/home' : '/signin'} className={buttonClass('primary')}>
        {me ? 'Go to your desk' : 'Sign in'}
      </Link>
    </>
  )
}
