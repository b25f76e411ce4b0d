import { expect, it } from 'vitest'
import { changeMember, createSignedInMember } from '../src/testing/factories.ts'
import { MINUTE } from '../src/testing/fixed-clock.ts'
import { type Answer, forEachApp, type TestApp } from '../src/testing/start-test-app.ts'

const LOGOUT = 'POST /auth/logout'

/** Who may call what, spelled out beside the routes, so that none of them opens by mistake. */
const TABLE: Readonly<Record<string, string>> = {
  'POST /auth/register': 'anyone',
  'POST /auth/setup': 'anyone',
  'POST /auth/verify-email': 'anyone',
  'POST /auth/verify-email/resend': 'anyone',
  'POST /auth/login': 'anyone',
  'POST /auth/login/json': 'anyone',
  'POST /auth/2fa/login': 'anyone',
  'POST /auth/refresh': 'anyone',
  'POST /auth/password-reset': 'anyone',
  'POST /auth/password-reset/confirm': 'anyone',
  'POST /auth/email-change/confirm': 'anyone',
  'POST /auth/email-change/undo': 'anyone',
  'POST /auth/passkeys/login': 'anyone',
  'POST /auth/passkeys/login/options': 'optional',
  'GET /auth/me': 'signed-in-or-pending',
  [LOGOUT]: 'signed-in-or-pending',
  'GET /auth/sessions': 'signed-in-or-pending',
  'DELETE /auth/sessions/{id}': 'signed-in-or-pending',
  'POST /auth/reauthenticate': 'signed-in',
  'POST /auth/2fa/setup': 'fresh',
  'POST /auth/2fa/verify': 'signed-in',
  'POST /auth/2fa/disable': 'signed-in',
  'POST /auth/2fa/backup-codes': 'fresh',
  'POST /auth/passkeys/options': 'fresh',
  'POST /auth/passkeys': 'fresh',
  'GET /auth/passkeys': 'fresh',
  'PATCH /auth/passkeys/{id}': 'fresh',
  'DELETE /auth/passkeys/{id}': 'fresh',
  'POST /auth/tokens': 'fresh',
  'GET /auth/tokens': 'fresh',
  'DELETE /auth/tokens/{id}': 'fresh',
  'GET /users/me': 'signed-in-or-pending',
  'GET /users/me/events': 'signed-in',
  'PUT /users/me': 'signed-in',
  'PUT /users/me/password': 'signed-in',
  'POST /users/me/email': 'fresh',
  'GET /users': 'optional',
  'GET /users/search': 'optional',
  'GET /users/{id}': 'optional',
  'DELETE /users/{id}': 'fresh-where-due',
  'GET /users/{id}/followers': 'optional',
  'GET /users/{id}/following': 'optional',
  'POST /users/{id}/follow': 'signed-in',
  'DELETE /users/{id}/follow': 'signed-in',
  'GET /users/me/follow-requests': 'signed-in',
  'POST /users/me/follow-requests/{id}/accept': 'signed-in',
  'DELETE /users/me/follow-requests/{id}': 'signed-in',
  'GET /users/{id}/block': 'signed-in',
  'POST /users/{id}/block': 'signed-in',
  'DELETE /users/{id}/block': 'signed-in',
  'GET /users/{id}/mute': 'signed-in',
  'POST /users/{id}/mute': 'signed-in',
  'DELETE /users/{id}/mute': 'signed-in',
  'PUT /users/{id}/admin': 'admin',
  'POST /users/{id}/activate': 'admin',
  'POST /users/{id}/deactivate': 'admin',
  'POST /users/{id}/suspend': 'admin',
  'GET /admin/system': 'admin',
  'GET /admin/jobs': 'admin',
  'POST /admin/jobs/{id}/retry': 'admin',
  'POST /admin/audit/verify': 'admin',
  'GET /accounts': 'signed-in',
  'POST /accounts': 'signed-in',
  'POST /accounts/get-or-create': 'signed-in',
  'GET /accounts/{id}': 'signed-in',
  'PATCH /accounts/{id}': 'signed-in',
  'DELETE /accounts/{id}': 'fresh-where-due',
  'POST /credentials/store': 'fresh-where-due',
  'GET /credentials': 'signed-in',
  'GET /credentials/active': 'signed-in',
  'PUT /credentials/active': 'signed-in',
  'GET /credentials/deleted': 'signed-in',
  'GET /credentials/{id}': 'signed-in',
  'PUT /credentials/{id}': 'fresh-where-due',
  'DELETE /credentials/{id}': 'fresh-where-due',
  'POST /credentials/{id}/validate': 'signed-in',
  'GET /credentials/{id}/audit': 'signed-in',
  'GET /credentials/{id}/account-data': 'signed-in',
  'GET /notifications/stream': 'signed-in',
  'GET /positions': 'signed-in',
  'GET /orders': 'signed-in',
  'GET /credentials/{id}/history': 'signed-in',
  'GET /gateway/{credential_id}/{path}': 'token',
  'POST /gateway/{credential_id}/{path}': 'token',
  'PUT /gateway/{credential_id}/{path}': 'token',
  'PATCH /gateway/{credential_id}/{path}': 'token',
  'DELETE /gateway/{credential_id}/{path}': 'token',
}

const callers = ['signed out', 'pending', 'suspended', 'stale', 'member', 'moderator', 'admin'] as const
type Caller = (typeof callers)[number]

/** How the door answers: what the caller is told before the request itself is looked at. */
type Door = 'open' | 'sign in' | 'not active' | 'not fresh' | 'not your role' | 'tokens only'

function doorFor(access: string, caller: Caller): Door {
  if (access === 'anyone') return 'open'
  if (caller === 'signed out') return access === 'optional' ? 'open' : 'sign in'
  if (caller === 'suspended') return 'not active'
  if (caller === 'pending') return access === 'signed-in-or-pending' ? 'open' : 'not active'
  if (access === 'token') return 'tokens only'
  if (access === 'admin') return caller === 'admin' ? 'open' : 'not your role'
  if (access === 'fresh' && caller === 'stale') return 'not fresh'
  return 'open'
}

const PROBLEM = 'urn:outcry:problem:http.'
const DOORS: Readonly<Record<string, Door>> = {
  [`401 ${PROBLEM}unauthenticated`]: 'sign in',
  [`403 ${PROBLEM}account_not_active`]: 'not active',
  [`401 ${PROBLEM}insufficient_user_authentication`]: 'not fresh',
  [`403 ${PROBLEM}forbidden`]: 'not your role',
  [`403 ${PROBLEM}token_needed`]: 'tokens only',
}

const doorOf = ({ status, body }: Answer): Door => DOORS[`${status} ${String(body.type)}`] ?? 'open'

interface Operation {
  readonly id: string
  readonly isForm: boolean
  readonly access: string
}

async function operationsOf(app: TestApp): Promise<Operation[]> {
  const document: unknown = await (await fetch(`${app.url}/api/openapi.json`)).json()
  const { paths } = document as { paths: Record<string, Record<string, unknown>> }
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      id: `${method.toUpperCase()} ${path.replace(/^\/api\/v1/, '')}`,
      isForm: JSON.stringify(operation).includes('x-www-form-urlencoded'),
      access: accessIn(operation),
    })),
  )
}

function accessIn(operation: unknown): string {
  const access = (operation as { 'x-access': string | { role: string } })['x-access']
  return typeof access === 'string' ? access : access.role
}

/** A call that opens nothing even where the caller may: no body, and a record that is not there. */
function call(app: TestApp, { id, isForm }: Operation, token: string | undefined): Promise<Answer> {
  const [method = '', path = ''] = id.split(' ')
  const hasBody = method !== 'GET' && method !== 'DELETE'
  return app.send(method, path.replace(/\{\w+\}/, '00000000-0000-7000-8000-000000000000'), {
    ...(hasBody ? { body: isForm ? new URLSearchParams() : {} } : {}),
    ...(token === undefined ? {} : { token }),
  })
}

forEachApp('every route', {}, (on) => {
  const tokenOf = async (caller: Caller): Promise<string | undefined> => {
    const { app } = on
    if (caller === 'signed out') return undefined
    const role = caller === 'moderator' || caller === 'admin' ? caller : 'user'
    const { id, accessToken } = await createSignedInMember(app, { role })
    if (caller === 'pending') await changeMember(app, id, { status: 'pending_verification' })
    if (caller === 'suspended') await changeMember(app, id, { status: 'suspended' })
    if (caller === 'stale') app.clock.advance(6 * MINUTE)
    return accessToken
  }

  it('says who may call it, and nobody else gets in', async () => {
    const operations = await operationsOf(on.app)
    const stated = Object.fromEntries(operations.map(({ id, access }) => [id, access]))
    expect(stated).toEqual(TABLE)
    const wrong: string[] = []
    const logoutLast = operations.toSorted((a, b) => Number(a.id === LOGOUT) - Number(b.id === LOGOUT))
    for (const caller of callers) {
      const token = await tokenOf(caller)
      for (const operation of logoutLast) {
        const expected = doorFor(operation.access, caller)
        const found = doorOf(await call(on.app, operation, token))
        if (found !== expected) wrong.push(`${operation.id} as ${caller}: ${found}, not ${expected}`)
      }
    }
    expect(wrong).toEqual([])
    expect(operations.length * callers.length).toBeGreaterThan(300)
  })
})
