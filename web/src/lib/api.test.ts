// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { api, onSessionEnd } from './api.ts'
import { answerOf } from './problem.ts'

const problem = (code: string, status: number) =>
  Response.json(
    { type: code, title: 't', status, detail: `Said by ${code}.`, instance: 'i', code },
    { status },
  )
const me = () => Response.json({ username: 'ada' })
const signedOut = () => problem('http.unauthenticated', 401)

interface Sent {
  readonly url: string
  readonly method: string
  readonly type: string | null
  readonly session: string | null
}
let sent: Sent[]
let respond: (path: string, count: number) => Response
let ended: number
let stop: () => void

beforeEach(() => {
  sent = []
  ended = 0
  stop = onSessionEnd(() => ended++)
  vi.spyOn(document, 'cookie', 'get').mockReturnValue('__Host-outcry-signed-in=1')
  vi.stubGlobal('fetch', async (input: Request | string, init?: RequestInit) => {
    const request = typeof input === 'string' ? new Request(new URL(input, location.origin), init) : input
    const { pathname: url } = new URL(request.url)
    const { method, headers } = request
    sent.push({ url, method, type: headers.get('content-type'), session: headers.get('x-outcry-session') })
    return respond(url, sent.filter((each) => each.url === url).length)
  })
})
afterEach(() => {
  stop()
  vi.unstubAllGlobals()
})

const readMe = () => answerOf(api.GET('/api/v1/auth/me'))
const countOf = (path: string) => sent.filter(({ url }) => url === path).length
const REFRESH = '/api/v1/auth/refresh'

it('renews the session once for all requests that find it too old, and sends them again', async () => {
  let isRenewed = false
  respond = (path) => {
    if (path === REFRESH) isRenewed = true
    return isRenewed ? me() : signedOut()
  }
  expect(await Promise.all([readMe(), readMe(), readMe()])).toHaveLength(3)
  expect(countOf(REFRESH)).toBe(1)
  expect(sent.find(({ url }) => url === REFRESH)).toMatchObject({
    type: 'application/json',
    session: 'cookie',
  })
  expect(ended).toBe(0)
})

it('says that the session is over when it cannot be renewed', async () => {
  respond = () => signedOut()
  await expect(readMe()).rejects.toThrow('Said by http.unauthenticated.')
  expect([countOf(REFRESH), countOf('/api/v1/auth/me'), ended]).toEqual([1, 1, 1])
})

it.each([
  'accounts.credentials_incorrect',
  'accounts.proof_incorrect',
  'http.insufficient_user_authentication',
])('sends nothing twice that was refused with %s', async (code) => {
  respond = () => problem(code, 401)
  const body = { password: 'wrong' }
  await expect(answerOf(api.POST('/api/v1/auth/reauthenticate', { body }))).rejects.toThrow(
    `Said by ${code}.`,
  )
  expect([sent.length, ended]).toEqual([1, 0])
})

it('says that the session is over, and renews nothing, when its cookies are gone', async () => {
  vi.spyOn(document, 'cookie', 'get').mockReturnValue('')
  respond = () => signedOut()
  await expect(readMe()).rejects.toThrow()
  expect([sent.length, ended]).toEqual([1, 1])
})

it('ends no session because the server could not be reached', async () => {
  respond = (path) => (path === REFRESH ? problem('http.unavailable', 503) : signedOut())
  await expect(readMe()).rejects.toThrow('could not be reached')
  expect(ended).toBe(0)
})

it('sends writes as JSON, also without a body', async () => {
  respond = () => Response.json({})
  await api.POST('/api/v1/auth/passkeys/login/options')
  expect(sent).toMatchObject([{ method: 'POST', type: 'application/json' }])
})
