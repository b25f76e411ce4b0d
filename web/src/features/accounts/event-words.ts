import type { AccountAction } from '@outcry/contract/account-events'

/** What happened, and what was tried when it was refused. */
type Words = readonly [done: string, tried: string]

const NO_KEY = 'Asking for a broker key that is not there'
const NO_TRADING_ACCOUNT = 'Asking for a trading account that is not there'

const words: Readonly<Record<AccountAction, Words>> = {
  'access.refused': ['Something you may not do', 'Something you may not do'],
  'account.created_by_operator': ['Account made', 'Making the account'],
  'account.deleted': ['Account deleted', 'Deleting the account'],
  'account.email_change_asked': ['Another email address asked for', 'Asking for another email address'],
  'account.email_change_undone': ['Email address put back', 'Putting the email address back'],
  'account.email_changed': ['Email address changed', 'Changing the email address'],
  'account.email_verified': ['Email address confirmed', 'Confirming the email address'],
  'account.imported_by_operator': ['Account brought over', 'Bringing the account over'],
  'account.password_changed': ['Password changed', 'Changing the password'],
  'account.password_reset': ['Password set with a mailed link', 'Setting the password with a mailed link'],
  'account.password_reset_asked': [
    'Link for a new password asked for',
    'Asking for a link for a new password',
  ],
  'account.password_set_by_operator': ['New password set', 'Setting a new password'],
  'account.registered': ['Account made', 'Making the account'],
  'account.role_set_by_admin': ['Role changed', 'Changing the role'],
  'account.role_set_by_operator': ['Role changed', 'Changing the role'],
  'account.set_up': ['Account made', 'Making the account'],
  'account.status_set_by_admin': ['Account opened, closed or suspended', 'Changing the account’s status'],
  'account.status_set_by_operator': ['Account opened, closed or suspended', 'Changing the account’s status'],
  'account.suspension_ended': ['Suspension ended', 'Ending the suspension'],
  'account.two_factor_disabled_by_operator': [
    'Two-factor sign-in switched off',
    'Switching two-factor sign-in off',
  ],
  'account.verification_asked': [
    'Link to confirm the email address asked for',
    'Asking to confirm the email address',
  ],
  'account.verified_set_by_admin': ['Verified mark changed', 'Changing the verified mark'],
  'credential.changed': ['Settings of a broker key changed', 'Changing a broker key'],
  'credential.chosen': [NO_KEY, NO_KEY],
  'credential.deleted': ['Broker key deleted', 'Deleting a broker key'],
  'credential.read': [NO_KEY, NO_KEY],
  'credential.rotated': ['Broker key replaced', 'Replacing a broker key'],
  'credential.stored': ['Broker key added', 'Adding a broker key'],
  'credential.validated': [NO_KEY, NO_KEY],
  'passkey.added': ['Passkey added', 'Adding a passkey'],
  'passkey.flagged': ['Passkey stopped: it may have been copied', 'Stopping a passkey'],
  'passkey.removed': ['Passkey removed', 'Removing a passkey'],
  'personal_token.created': ['Access token made', 'Making an access token'],
  'personal_token.revoked': ['Access token ended', 'Ending an access token'],
  'personal_token.used': ['Access token used', 'Using an access token that has ended, or from elsewhere'],
  'session.ended': ['Another session signed out', 'Signing another session out'],
  'session.reauthenticated': ['Shown again that it is you', 'Showing again that it is you'],
  'session.refresh': ['Session continued', 'Continuing a session that has ended'],
  'session.signed_out': ['Signed out', 'Signing out again'],
  'session.signed_out_everywhere': ['Signed out everywhere', 'Signing out everywhere'],
  'sign_in.passkey': ['Signed in with a passkey', 'Signing in with a passkey'],
  'sign_in.password': ['Signed in with the password', 'Signing in with a password'],
  'sign_in.second_factor': ['Signed in with password and code', 'Second step of a sign-in'],
  'trading_account.changed': ['Trading account changed', 'Changing a trading account'],
  'trading_account.created': ['Trading account added', 'Adding a trading account'],
  'trading_account.deleted': ['Trading account deleted', 'Deleting a trading account'],
  'trading_account.read': [NO_TRADING_ACCOUNT, NO_TRADING_ACCOUNT],
  'two_factor.backup_codes_renewed': ['New backup codes made', 'Making new backup codes'],
  'two_factor.begun': ['Two-factor sign-in being set up', 'Setting up two-factor sign-in'],
  'two_factor.disabled': ['Two-factor sign-in switched off', 'Switching two-factor sign-in off'],
  'two_factor.enabled': ['Two-factor sign-in switched on', 'Switching two-factor sign-in on'],
}

const wordsByName = new Map<string, Words>(Object.entries(words))

interface Happened {
  /** A newer server may know more of them than this page. */
  readonly action: string
  readonly result: 'ok' | 'refused' | 'failed'
  readonly session_id: string | null
}

/** What happened to an account, in plain words; of what was refused, what was tried. What is not known keeps its own name. */
export function eventInWords({ action, result, session_id }: Happened): string {
  const [done, tried] = wordsByName.get(action) ?? [action, action]
  if (result !== 'ok') return tried
  // Note: such a sign-in has opened no session: the second step was still to come.
  return action === 'sign_in.password' && session_id === null ? 'Right password, code asked for' : done
}
