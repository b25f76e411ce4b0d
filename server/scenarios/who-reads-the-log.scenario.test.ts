import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { accountActions } from '@outcry/contract/account-events'
import { expect, it } from 'vitest'
import { insertSignedInMember } from '../src/testing/signed-in-rows.ts'
import { forEachApp } from '../src/testing/start-test-app.ts'

/** Where a member reads of it: in what happened to their account, in the log of a key of theirs, in both, or nowhere. */
type Reader = 'account' | 'key' | 'both' | 'operator'

/** Everything that the product writes into the audit log, so that nothing new is shown, or kept from anybody, by accident. */
const READERS: Readonly<Record<string, Reader>> = {
  'access.refused': 'account',
  'account.administered': 'operator',
  'account.created_by_operator': 'account',
  'account.deleted': 'account',
  'account.email_change_asked': 'account',
  'account.email_change_undone': 'account',
  'account.email_changed': 'account',
  'account.email_verified': 'account',
  'account.imported_by_operator': 'account',
  'account.password_changed': 'account',
  'account.password_reset': 'account',
  'account.password_reset_asked': 'account',
  'account.password_set_by_operator': 'account',
  'account.registered': 'account',
  'account.role_set_by_admin': 'account',
  'account.role_set_by_operator': 'account',
  'account.set_up': 'account',
  'account.status_set_by_admin': 'account',
  'account.status_set_by_operator': 'account',
  'account.suspension_ended': 'account',
  'account.two_factor_disabled_by_operator': 'account',
  'account.verification_asked': 'account',
  'account.verified_set_by_admin': 'account',
  'audit.verification_asked': 'operator',
  'audit.verified': 'operator',
  'credential.changed': 'both',
  'credential.chosen': 'both',
  'credential.deleted': 'both',
  'credential.read': 'account',
  'credential.refused': 'key',
  'credential.renamed': 'key',
  'credential.rotated': 'both',
  'credential.stored': 'both',
  'credential.use_ended': 'key',
  'credential.used': 'key',
  'credential.validated': 'both',
  'job.retried': 'operator',
  'passkey.added': 'account',
  'passkey.flagged': 'account',
  'passkey.removed': 'account',
  'personal_token.created': 'account',
  'personal_token.revoked': 'account',
  'personal_token.used': 'account',
  'rotation.begun': 'operator',
  'rotation.ended': 'operator',
  'session.ended': 'account',
  'session.reauthenticated': 'account',
  'session.refresh': 'account',
  'session.signed_out': 'account',
  'session.signed_out_everywhere': 'account',
  'sign_in.passkey': 'account',
  'sign_in.password': 'account',
  'sign_in.second_factor': 'account',
  'trading_account.changed': 'account',
  'trading_account.created': 'account',
  'trading_account.deleted': 'account',
  'trading_account.read': 'account',
  'two_factor.backup_codes_renewed': 'account',
  'two_factor.begun': 'account',
  'two_factor.disabled': 'account',
  'two_factor.enabled': 'account',
}

/** Names in the sources that become others: of decisions, completed by who decided, and of a job, which is no action. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  'account.role_set': ['account.role_set_by_admin', 'account.role_set_by_operator'],
  'account.status_set': ['account.status_set_by_admin', 'account.status_set_by_operator'],
  'account.verified_set': ['account.verified_set_by_admin'],
  'audit.verify': [],
}

const ofAccounts = Object.keys(READERS).filter((action) => /account|both/.test(READERS[action] ?? ''))

const src = join(import.meta.dirname, '../src')
const families = new Set(Object.keys(READERS).map((action) => action.split('.')[0]))

/** Names of actions in a source: all of a family that is known, and whatever is called an action there. */
function actionsIn(source: string): string[] {
  return source.split('\n').flatMap((line) => {
    const names = [...line.matchAll(/'([a-z_]+)\.([a-z_]+)'/g)]
    return names.flatMap(([text, family = '']) =>
      families.has(family) || /\baction\b/.test(line) ? [text.slice(1, -1)] : [],
    )
  })
}

async function recordedActions(): Promise<string[]> {
  const files = await readdir(src, { recursive: true })
  const sources = files.filter(
    (file) => file.endsWith('.ts') && !/\.test\.ts$|^testing\/|\/testing\//.test(file),
  )
  const texts = await Promise.all(sources.map((file) => readFile(join(src, file), 'utf8')))
  const names = texts.flatMap(actionsIn).flatMap((name) => OTHER_NAMES[name] ?? [name])
  return [...new Set(names)].toSorted()
}

it('C76: everything that is written into the log stands in the table, with who reads it', async () => {
  expect(await recordedActions()).toEqual(Object.keys(READERS).toSorted())
  expect([...accountActions].toSorted()).toEqual(ofAccounts.toSorted())
})

forEachApp('C76: what a member reads of the log', {}, (on) => {
  it('is what happened to their account, whatever it was, and no other entry that names them', async () => {
    const { db, audit } = on.app.app.platform
    const { id, accessToken: token } = await insertSignedInMember(on.app)
    const own = { result: 'ok', actorId: id, objectType: 'user', objectId: id } as const
    const entries = Object.keys(READERS).map((action) => ({ action, ...own }))
    await db.withSystem((tx) => audit.recordDecided(tx, async () => entries))
    const { body } = await on.app.send('GET', '/users/me/events?limit=100', { token })
    const seen = (body.items as { action: string }[]).map(({ action }) => action)
    expect(seen.toReversed()).toEqual(ofAccounts)
    expect(body.total).toBe(seen.length)
  })
})
