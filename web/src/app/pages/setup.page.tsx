import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { setUp } from '../../features/accounts/api/joining.ts'
import { AccountForm } from '../../features/accounts/components/account-form.tsx'
import { useFragmentToken } from '../../lib/fragment-token.ts'
import { siteName } from '../../lib/page-meta.ts'
import { buttonClass } from '../../ui/button.tsx'
import { NarrowPage } from '../shell/narrow-page.tsx'

export function Page() {
  const token = useFragmentToken()
  const [username, setUsername] = useState<string>()
  if (username !== undefined) {
    return (
      <NarrowPage title="Your site is ready">
        <p>
          <strong>{username}</strong> administrates it. Sign in, and add a second factor or a passkey under
          Settings.
        </p>
        <Link to="/signin" className={buttonClass('primary')}>
          Sign in
        </Link>
      </NarrowPage>
    )
  }
  if (token === undefined) {
    return (
      <NarrowPage title="This page needs the link from the server">
        <p>
          When the server starts and nobody administrates it yet, it prints a link to this page. Open that
          link. It is good for a day; to get a new one, start the server again.
        </p>
      </NarrowPage>
    )
  }
  return (
    <NarrowPage title={`Set up ${siteName}`}>
      <p>You make the account that administrates this site. The link works once.</p>
      <AccountForm
        key={token}
        send={(joining) => setUp(token, joining)}
        onDone={(joining) => setUsername(joining.username)}
        action="Make the administrator"
      />
    </NarrowPage>
  )
}
