import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { undoEmailChange } from '../../features/accounts/api/email-change.ts'
import { MailSent } from '../../features/accounts/components/mail-sent.tsx'
import { MailedLinkStep } from '../../features/accounts/components/mailed-link-step.tsx'
import { buttonClass } from '../../ui/button.tsx'
import { LinkPage } from '../shell/link-page.tsx'

const WITHOUT_LINK = {
  title: 'This page needs the link from our mail',
  text: (
    <p>
      Open the link in the mail once more. It is good for 72 hours, and once. If that time is over, ask the
      operator of this site.
    </p>
  ),
}
const DONE = {
  title: 'Your address is restored',
  text: (
    <>
      <MailSent>
        <p>
          Every session and token has ended, and the password is forgotten. Set a new one with the link that
          is on its way to this address; it is good for 10 minutes.
        </p>
      </MailSent>
      <Link to="/forgot" className={buttonClass('secondary')}>
        Send a new link
      </Link>
    </>
  ),
}

/** Gives an account the address of before back, with the link that was mailed there. */
export function Page() {
  const [doneWith, setDoneWith] = useState<string>()
  return (
    <LinkPage
      title="Undo the change of your address"
      withoutLink={WITHOUT_LINK}
      doneWith={doneWith}
      done={DONE}
    >
      {(token) => (
        <MailedLinkStep
          token={token}
          send={undoEmailChange}
          onDone={() => setDoneWith(token)}
          action="Put this address back"
          whenDead="It may have been used already, or an earlier change was undone. Links are good for 72 hours. If somebody else has your account, tell the operator of this site."
        >
          <p>
            Press the button if it was not you who changed the address. Your account gets this address back,
            every session and token ends, passkeys that were added since are removed, and you set a new
            password.
          </p>
        </MailedLinkStep>
      )}
    </LinkPage>
  )
}
