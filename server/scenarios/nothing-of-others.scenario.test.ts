import { expect, it } from 'vitest'
import {
  createMember,
  createPersonalToken,
  createSignedInMember,
  relate,
  type SignedInMember,
  signIn,
} from '../src/testing/factories.ts'
import { type Operation, operationsOf } from '../src/testing/fuzz/operations.ts'
import { addPasskey } from '../src/testing/passkeys.ts'
import { insertSignedInMembers } from '../src/testing/signed-in-rows.ts'
import { type Answer, forEachApp, type TestApp } from '../src/testing/start-test-app.ts'
import { rowsNaming, storedRows } from '../src/testing/stored-rows.ts'

/** What the path of an operation names: a thing of one member alone, or a member whom others see. */
type Named = 'session' | 'passkey' | 'token' | 'request' | 'other request' | 'member'

/** What an operation on something of another member answers, to another member, their token, and who is signed out. */
interface Row {
  readonly on: Named
  readonly member: string
  readonly token: string
  readonly nobody: string
}

const SIGN_IN = '401 http.unauthenticated'
const NO_SCOPE = '403 http.insufficient_scope'
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
const readByAll: Row = { on: 'member', member: '200', token: '200', nobody: '200' }
const readByFollowers: Row = { on: 'member', member: NO_MEMBER, token: NO_MEMBER, nobody: NO_MEMBER }
/** Changes what the caller is to somebody, and nothing of theirs. */
const ownRelation: Row = { on: 'member', member: '200', token: '200', nobody: SIGN_IN }
const toAnswer = (on: Named): Row => ({ on, member: NO_REQUEST, token: NO_REQUEST, nobody: SIGN_IN })
const forAdmins: Row = { on: 'member', member: FOR_ADMINS, token: FOR_ADMINS, nobody: SIGN_IN }

/** Every operation whose path names something, spelled out, so that none comes without somebody deciding on it. */
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
    token: NOT_FRESH,
    nobody: SIGN_IN,
  },
  'PUT /users/{id}/admin': forAdmins,
  'POST /users/{id}/activate': forAdmins,
  'POST /users/{id}/deactivate': forAdmins,
  'POST /users/{id}/suspend': forAdmins,
}

const BODIES: Readonly<Record<string, object>> = {
  'PATCH /auth/passkeys/{id}': { name: 'not yours any more' },
  'PUT /users/{id}/admin': { role: 'user', is_verified: false },
}

const NOT_THERE = [
  '01890a5d-ac96-774b-bcce-b302099a8057',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  'nobody_has_this_name',
  '0',
  "' or 1=1 --",
  '\u202e',
  'a'.repeat(65),
]

async function documentOf(app: TestApp): Promise<Operation[]> {
  const document: unknown = await (await fetch(`${app.url}/api/openapi.json`)).json()
  return operationsOf(document as Parameters<typeof operationsOf>[0])
}

const nameOf = ({ method, path }: Operation) => `${method} ${path.replace(/^\/api\/v1/, '')}`

function call(app: TestApp, name: string, { id, token }: { id: string; token?: string | undefined }) {
  const [method = '', path = ''] = name.split(' ')
  const hasBody = method !== 'GET' && method !== 'DELETE'
  return app.send(method, path.replace('{id}', encodeURIComponent(id)), {
    ...(hasBody ? { body: BODIES[name] ?? {} } : {}),
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
    member: owner.id,
  }
  return { ...owner, things }
}

interface Try extends Pick<Row, 'on'> {
  readonly things: Record<Named, string>
  readonly expected: string
  readonly token: string | undefined
}

/** What is wrong with the answers on the thing itself, on other things of its owner, and on what is not there. */
async function tryOn(
  app: TestApp,
  name: string,
  { on, things, expected, token }: Try,
): Promise<readonly string[]> {
  const otherThings = on === 'member' ? [] : Object.values(things)
  const [found, ...others] = await Promise.all(
    [things[on], ...otherThings, ...NOT_THERE].map((id) => call(app, name, { id, token })),
  )
  if (!found || inShort(found) !== expected) return [`${found?.text}, not ${expected}`]
  const alike = expected.startsWith('404') ? [found, ...others] : others
  const answers = new Set(alike.map(withoutItsNumber))
  return answers.size === 1 ? [] : [`different answers, ${[...answers].join(' or ')}`]
}

forEachApp('C45: what belongs to a member', {}, (on) => {
  it('is named in paths alone, by operations that all stand in the table', async () => {
    const operations = await documentOf(on.app)
    const inPaths = operations.filter(({ path }) => path.includes('{')).map(nameOf)
    expect(inPaths.toSorted()).toEqual(Object.keys(TABLE).toSorted())
    const elsewhere = operations.flatMap((operation) => {
      const fields = Object.keys(operation.body?.schema.properties ?? {})
      const query = operation.parameters.filter((each) => each.in === 'query').map(({ name }) => name)
      return [...fields, ...query].filter((name) => /(^|_)ids?$/.test(name)).map(() => nameOf(operation))
    })
    expect(elsewhere).toEqual([])
  })

  it('is not there for another member, their token, or nobody: the same 404 as for nothing at all', async () => {
    const { app } = on
    const owner = await createOwner(app)
    const other = await createSignedInMember(app)
    const scopes = ['account:read', 'account:write', 'users:read', 'social:write']
    const { token } = await createPersonalToken(app, other, { scopes })
    const callers = { nobody: undefined, token, member: other.accessToken } as const
    const before = await rowsNaming(app, { named: owner, unless: other })
    expect(Object.values(before).filter((rows) => rows.length > 0).length).toBeGreaterThan(6)
    const wrong: string[] = []
    for (const who of ['nobody', 'token', 'member'] as const) {
      for (const [name, row] of Object.entries(TABLE)) {
        const { things } = owner
        const faults = await tryOn(app, name, { ...row, things, expected: row[who], token: callers[who] })
        wrong.push(...faults.map((fault) => `${name} by ${who}: ${fault}`))
      }
    }
    expect(wrong).toEqual([])
    expect(await rowsNaming(app, { named: owner, unless: other })).toEqual(before)
    expect(await storedRows(app, 'follows', `follower_id = '${other.id}' and is_accepted`)).toEqual([])
  })

  it('is there for its owner', async () => {
    const { app } = on
    const owner = await createOwner(app)
    const own = Object.entries(TABLE).filter(([, row]) => row.on !== 'member')
    for (const [name, row] of own) {
      const answer = await call(app, name, { id: owner.things[row.on], token: owner.accessToken })
      expect({ name, status: answer.status, text: answer.text }).toMatchObject({ name, status: 200 })
    }
    expect(own).toHaveLength(6)
  })
})
