import { expect, it } from 'vitest'
import {
  createMember,
  createPersonalToken,
  createSignedInMember,
  relate,
  type SignedInMember,
  signIn,
} from '../src/testing/factories.ts'
import {
  createTradingAccount,
  forEachVaultApp,
  newPair,
  storeCredential,
} from '../src/testing/factories-vault.ts'
import { type Operation, operationsOf } from '../src/testing/fuzz/operations.ts'
import { addPasskey } from '../src/testing/passkeys.ts'
import { insertSignedInMembers } from '../src/testing/signed-in-rows.ts'
import type { Answer, TestApp } from '../src/testing/start-test-app.ts'
import { countStored, rowsNaming, storedRows } from '../src/testing/stored-rows.ts'

/** What an operation names: a thing of one member alone, or a member whom others see. */
type Named =
  | 'session'
  | 'passkey'
  | 'token'
  | 'request'
  | 'other request'
  | 'trading account'
  | 'credential'
  | 'deleted credential'
  | 'member'

/** What an operation on something of another member answers, to another member, their token, and who is signed out. */
interface Row {
  readonly on: Named
  readonly member: string
  readonly token: string
  readonly nobody: string
  /** The answer is the same for what is not there, though it is no 404. */
  readonly isAlike?: boolean
  /** What is refused leaves an entry in the audit log. */
  readonly isAudited?: boolean
  /** What its owner uses it with. */
  readonly ownedBy?: 'token'
}

const SIGN_IN = '401 http.unauthenticated'
const NO_SCOPE = '403 http.insufficient_scope'
const TOKEN_NEEDED = '403 http.token_needed'
const NOT_FRESH = '401 http.insufficient_user_authentication'
const FOR_ADMINS = '403 http.forbidden'
const NO_MEMBER = '404 accounts.user_not_found'
const NO_REQUEST = '404 accounts.follow_request_not_found'

/** Of a member alone: whoever else asks is told that there is no such thing. */
const ofOneAlone = (on: Named, code: string): Row => ({
  on,
  member: `404 ${code}`,
  token: NOT_FRESH,
  nobody: SIGN_IN,
})
/** The same, in the vault: who asks for what is not theirs is written down. */
const ofTheVault = (on: 'trading account' | 'credential', access: 'session' | 'scoped' | 'token'): Row => {
  const code = `404 vault.${on === 'credential' ? 'credential' : 'account'}_not_found`
  return {
    on,
    member: access === 'token' ? TOKEN_NEEDED : code,
    token: access === 'session' ? NO_SCOPE : code,
    nobody: SIGN_IN,
    isAudited: true,
    ...(access === 'token' ? { ownedBy: 'token' } : {}),
  }
}
const readByAll: Row = { on: 'member', member: '200', token: '200', nobody: '200' }
const readByFollowers: Row = { on: 'member', member: NO_MEMBER, token: NO_MEMBER, nobody: NO_MEMBER }
/** Changes what the caller is to somebody, and nothing of theirs. */
const ownRelation: Row = { on: 'member', member: '200', token: '200', nobody: SIGN_IN }
const toAnswer = (on: Named): Row => ({ on, member: NO_REQUEST, token: NO_REQUEST, nobody: SIGN_IN })
const forAdmins: Row = { on: 'member', member: FOR_ADMINS, token: FOR_ADMINS, nobody: SIGN_IN }

/**
 * Every place where an operation takes an id, spelled out, so that none comes without somebody deciding on it: in the path,
 * in the query (after ?) or in the body (after #). Its owner uses what they name in this order.
 */
const TABLE: Readonly<Record<string, Row>> = {
  'DELETE /auth/sessions/{id}': {
    ...ofOneAlone('session', 'accounts.session_not_found'),
    token: NO_SCOPE,
  },
  'PATCH /auth/passkeys/{id}': ofOneAlone('passkey', 'accounts.passkey_not_found'),
  'DELETE /auth/passkeys/{id}': ofOneAlone('passkey', 'accounts.passkey_not_found'),
  'DELETE /auth/tokens/{id}': ofOneAlone('token', 'accounts.personal_token_not_found'),
  'POST /users/me/follow-requests/{id}/accept': toAnswer('request'),
  'DELETE /users/me/follow-requests/{id}': toAnswer('other request'),
  'GET /users/{id}': readByAll,
  'GET /users/{id}/followers': readByFollowers,
  'GET /users/{id}/following': readByFollowers,
  'POST /users/{id}/follow': ownRelation,
  'DELETE /users/{id}/follow': ownRelation,
  'POST /users/{id}/mute': ownRelation,
  'GET /users/{id}/mute': ownRelation,
  'DELETE /users/{id}/mute': ownRelation,
  'POST /users/{id}/block': ownRelation,
  'GET /users/{id}/block': ownRelation,
  'DELETE /users/{id}/block': ownRelation,
  'DELETE /users/{id}': {
    on: 'member',
    member: '403 accounts.not_allowed',
    token: NO_SCOPE,
    nobody: SIGN_IN,
  },
  'GET /accounts/{id}': ofTheVault('trading account', 'session'),
  'PATCH /accounts/{id}': ofTheVault('trading account', 'session'),
  'GET /credentials?account_id': {
    on: 'trading account',
    member: '200',
    token: NO_SCOPE,
    nobody: SIGN_IN,
    isAlike: true,
  },
  'POST /credentials/store#account_id': ofTheVault('trading account', 'session'),
  'PUT /credentials/active#credential_id': ofTheVault('credential', 'session'),
  'GET /credentials/{id}': ofTheVault('credential', 'session'),
  'PUT /credentials/{id}': ofTheVault('credential', 'session'),
  'POST /credentials/{id}/validate': ofTheVault('credential', 'session'),
  'GET /credentials/{id}/audit': ofTheVault('credential', 'session'),
  'GET /credentials/{id}/account-data': ofTheVault('credential', 'scoped'),
  'GET /credentials/{id}/history': ofTheVault('credential', 'scoped'),
  'GET /positions?credential_id': ofTheVault('credential', 'scoped'),
  'GET /orders?credential_id': ofTheVault('credential', 'scoped'),
  'GET /gateway/{credential_id}/{path}': ofTheVault('credential', 'token'),
  'POST /gateway/{credential_id}/{path}': ofTheVault('credential', 'token'),
  'PUT /gateway/{credential_id}/{path}': ofTheVault('credential', 'token'),
  'PATCH /gateway/{credential_id}/{path}': ofTheVault('credential', 'token'),
  'DELETE /gateway/{credential_id}/{path}': ofTheVault('credential', 'token'),
  'POST /auth/tokens#credential_id': ofOneAlone('credential', 'vault.credential_not_found'),
  'DELETE /credentials/{id}': ofTheVault('credential', 'session'),
  'DELETE /accounts/{id}': ofTheVault('trading account', 'session'),
  'PUT /users/{id}/admin': forAdmins,
  'POST /users/{id}/activate': forAdmins,
  'POST /users/{id}/deactivate': forAdmins,
  'POST /users/{id}/suspend': forAdmins,
  'POST /admin/jobs/{id}/retry': forAdmins,
}

const BODIES: Readonly<Record<string, () => object>> = {
  'PATCH /auth/passkeys/{id}': () => ({ name: 'not yours any more' }),
  'PUT /users/{id}/admin': () => ({ role: 'user', is_verified: false }),
  'PATCH /accounts/{id}': () => ({ account_name: 'not yours any more' }),
  'POST /credentials/store#account_id': () => ({
    credential_type: 'alpaca_paper',
    validate: false,
    ...newPair(),
  }),
  'PUT /credentials/{id}': () => ({ nickname: 'not yours any more' }),
  'POST /auth/tokens#credential_id': () => ({ name: 'A program', scopes: ['broker:read'] }),
}

const NO_IDS = ['01890a5d-ac96-774b-bcce-b302099a8057', 'ffffffff-ffff-ffff-ffff-ffffffffffff']
/** What no id looks like either; in a query or a body it is a field that is wrong. */
const NO_ID_AT_ALL = ['nobody_has_this_name', '0', "' or 1=1 --", '\u202e', 'a'.repeat(65)]

async function documentOf(app: TestApp): Promise<Operation[]> {
  const document: unknown = await (await fetch(`${app.url}/api/openapi.json`)).json()
  return operationsOf(document as Parameters<typeof operationsOf>[0])
}

const nameOf = ({ method, path }: Operation) => `${method} ${path.replace(/^\/api\/v1/, '')}`

/** Where an operation takes an id, as the table writes it. */
function placesOf(operation: Operation): string[] {
  const name = nameOf(operation)
  const isId = (field: string) => /(^|_)ids?$/.test(field)
  const query = operation.parameters.filter((each) => each.in === 'query').map((each) => each.name)
  const fields = Object.keys(operation.body?.schema.properties ?? {})
  return [
    ...(name.includes('{') ? [name] : []),
    ...query.filter(isId).map((field) => `${name}?${field}`),
    ...fields.filter(isId).map((field) => `${name}#${field}`),
  ]
}

const isInPath = (place: string) => place.includes('{')

function call(app: TestApp, place: string, { id, token }: { id: string; token?: string | undefined }) {
  const [method = '', path = '', mark, field = ''] = place
    .split(/ |([?#])/)
    .filter((part) => part !== undefined)
  const hasBody = method !== 'GET' && method !== 'DELETE'
  const named = { [field]: id }
  const target = path.replace('{path}', 'v2/account').replace(/\{\w+\}/, encodeURIComponent(id))
  return app.send(method, mark === '?' ? `${target}?${new URLSearchParams(named)}` : target, {
    ...(hasBody ? { body: { ...BODIES[place]?.(), ...(mark === '#' ? named : {}) } } : {}),
    ...(token === undefined ? {} : { token }),
  })
}

const inShort = ({ status, body }: Answer) => (status < 300 ? `${status}` : `${status} ${String(body.code)}`)

/** The answer without what is different in every answer. */
const withoutItsNumber = ({ status, text, body }: Answer) =>
  `${status} ${text.replace(String(body.instance), '')}`

/** A member with one of everything, who lets nobody follow without asking. */
async function createOwner(
  app: TestApp,
): Promise<SignedInMember & { readonly things: Record<Named, string> }> {
  const owner = await createSignedInMember(app)
  const privately = await app.send('PUT', '/users/me', {
    token: owner.accessToken,
    body: { is_private: true },
  })
  expect(privately.status, privately.text).toBe(200)
  const passkey = await addPasskey(app, owner)
  const account = await createTradingAccount(app, owner)
  const credential = await storeCredential(app, owner, { account_id: account })
  const deleted = await storeCredential(app, owner, { account_id: account })
  await app.send('DELETE', `/credentials/${deleted.id}`, { token: owner.accessToken })
  await signIn(app, owner)
  const sessions = await app.send('GET', '/auth/sessions', { token: owner.accessToken })
  const there = (sessions.body.items as { id: string; current: boolean }[]).find(({ current }) => !current)
  const token = await createPersonalToken(app, owner, { scopes: ['account:read'] })
  const [first, second, third] = await insertSignedInMembers(app, 3)
  if (!first || !second || !third || !there) throw new Error('The owner has not everything.')
  const ask = ({ accessToken }: { accessToken: string }) =>
    app.send('POST', `/users/${owner.id}/follow`, { token: accessToken })
  const [request, other] = [await ask(first), await ask(second)]
  await relate(app, { follower: third, following: owner })
  await relate(app, { follower: owner, following: third })
  await relate(app, { blocker: owner, blocked: await createMember(app) })
  await app.send('POST', `/users/${first.id}/mute`, { token: owner.accessToken })
  const things = {
    session: there.id,
    passkey: passkey.id,
    token: token.id,
    request: String(request.body.id),
    'other request': String(other.body.id),
    'trading account': account,
    credential: credential.id,
    'deleted credential': deleted.id,
    member: owner.id,
  }
  return { ...owner, things }
}

interface Try {
  readonly row: Row
  readonly things: Record<Named, string>
  readonly who: 'nobody' | 'token' | 'member'
  readonly token: string | undefined
}

/** What is wrong with the answers on the thing itself, on other things of its owner, and on what is not there. */
async function tryOn(app: TestApp, place: string, { row, things, who, token }: Try) {
  const expected = row[who]
  const otherThings = row.on === 'member' ? [] : Object.values(things)
  const ids = [things[row.on], ...otherThings, ...NO_IDS, ...(isInPath(place) ? NO_ID_AT_ALL : [])]
  const [found, ...others] = await Promise.all(ids.map((id) => call(app, place, { id, token })))
  if (!found || inShort(found) !== expected)
    return { tries: ids.length, faults: [`${found?.status} ${found?.text}, not ${expected}`] }
  const isAlike = expected.startsWith('404') || row.isAlike
  const answers = new Set((isAlike ? [found, ...others] : others).map(withoutItsNumber))
  const faults = answers.size === 1 ? [] : [`different answers, ${[...answers].join(' or ')}`]
  if (row.isAudited && expected.startsWith('404')) faults.push(...(await missingEntries(app, found)))
  return { tries: ids.length, faults }
}

/** That what was refused is not in the audit log. */
async function missingEntries(app: TestApp, { body }: Answer): Promise<string[]> {
  const entry = `request_id = '${String(body.instance)}' and result = 'refused'`
  await expect.poll(() => countStored(app, 'audit_events', entry), { interval: 20 }).toBeGreaterThan(0)
  const count = await countStored(app, 'audit_events', entry)
  return count === 1 ? [] : [`${count} entries in the audit log`]
}

forEachVaultApp('C45: what belongs to a member', {}, (on) => {
  it('is named by operations that all stand in the table', async () => {
    const places = (await documentOf(on.app)).flatMap(placesOf)
    expect(places.toSorted()).toEqual(Object.keys(TABLE).toSorted())
  })

  it('is not there for another member, their token, or nobody: the same 404 as for nothing at all', async () => {
    const { app } = on
    const owner = await createOwner(app)
    const other = await createSignedInMember(app)
    const scopes = ['account:read', 'account:write', 'users:read', 'social:write', 'broker:trade']
    const { token } = await createPersonalToken(app, other, { scopes })
    const callers = { nobody: undefined, token, member: other.accessToken } as const
    const seenByOwner = async () => {
      const { credential, 'deleted credential': deleted } = owner.things
      const logs = [credential, deleted].map((id) => `/credentials/${id}/audit`)
      const paths = [...logs, '/credentials/deleted', '/users/me/events?limit=100']
      const read = (path: string) => app.send('GET', path, { token: owner.accessToken })
      const answers = await Promise.all(paths.map(read))
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
      return answers.map(({ text }) => text)
    }
    const seen = await seenByOwner()
    const before = await rowsNaming(app, { named: owner, unless: other })
    expect(Object.values(before).filter((rows) => rows.length > 0).length).toBeGreaterThan(8)
    const wrong: string[] = []
    let tried = 0
    for (const who of ['nobody', 'token', 'member'] as const) {
      for (const [place, row] of Object.entries(TABLE)) {
        const { things } = owner
        const { tries, faults } = await tryOn(app, place, { row, things, who, token: callers[who] })
        tried += tries
        wrong.push(...faults.map((fault) => `${place} by ${who}: ${fault}`))
      }
    }
    expect(wrong).toEqual([])
    expect(tried).toBeGreaterThan(1_500)
    expect(await rowsNaming(app, { named: owner, unless: other })).toEqual(before)
    expect(await seenByOwner()).toEqual(seen)
    expect(await storedRows(app, 'follows', `follower_id = '${other.id}' and is_accepted`)).toEqual([])
    expect(await countStored(app, 'user_credentials', `user_id = '${other.id}'`)).toBe(0)
    expect(on.broker.log.entries()).toEqual([])
  })

  it('is there for its owner', async () => {
    const { app } = on
    const owner = await createOwner(app)
    const { token } = await createPersonalToken(app, owner, { scopes: ['broker:trade'] })
    const own = Object.entries(TABLE).filter(([, row]) => row.on !== 'member')
    const refused: string[] = []
    for (const [place, row] of own) {
      const by = row.ownedBy === 'token' ? token : owner.accessToken
      const answer = await call(app, place, { id: owner.things[row.on], token: by })
      // Note: a broker may not know what was asked for; then the answer is its own, not ours.
      const isBrokers = row.ownedBy === 'token' && answer.body.instance === undefined
      if (answer.status >= 300 && !isBrokers) refused.push(`${place}: ${answer.text}`)
    }
    expect(refused).toEqual([])
    expect(own).toHaveLength(27)
  })
})
