import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { setUp } from '../../features/accounts/api/joining.ts'
import { AccountForm } from '../../features/accounts/components/account-form.tsx'
import { siteName } from '../../lib/page-meta.ts'
import { buttonClass } from '../../ui/button.tsx'
import { LinkPage } from '../shell/link-page.tsx'

const WITHOUT_LINK = {
  title: 'This page needs the link from the server',
  text: (
    <p>
      When the server starts and nobody administrates it yet, it prints a link to this page. Open that link.
      It is good for a day; to get a new one, start the server again.
    </p>
  ),
}

function doneBy(username: string) {
  const text = (
    <>
      <p>
        <strong>{username}</strong> administrates it. Sign in, and add a second factor or a passkey under
        Settings.
      </p>
      <Link to="/signin" className={buttonClass('primary')}>
        Sign in
      </Link>
    </>
  )
  return { title: 'Your site is ready', text }
}

export function Page() {
  const [username, setUsername] = useState('')
  const [doneWith, setDoneWith] = useState<string>()
  return (
    <LinkPage
      title={`Set up ${siteName}`}
      withoutLink={WITHOUT_LINK}
      doneWith={doneWith}
      done={doneBy(username)}
    >
      {(token) => (
        <>
          <p>You make the account that administrates this site. The link works once.</p>
          <AccountForm
            send={(joining) => setUp(token, joining)}
            onDone={(joining) => {
              setUsername(joining.username)
              setDoneWith(token)
            }}
            action="Make the administrator"
          />
        </>
      )}
    </LinkPage>
  )
}
