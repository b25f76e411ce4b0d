import { expect, it } from 'vitest'
import { sendRaw, statusOf } from '../src/platform/http/testing/raw-request.ts'
import { createSignedInMember, type SignedInMember } from '../src/testing/factories.ts'
import { forEachApp } from '../src/testing/start-test-app.ts'
import { countStored } from '../src/testing/stored-rows.ts'

/** While it is in a hurry, every turn of the event loop has time for one request, and whoever waits longer is too late. */
const clock = { nowMs: 0, isInHurry: false }
const overload = {
  now() {
    if (clock.isInHurry) clock.nowMs += 20
    return clock.nowMs
  },
  turnMs: 10,
  waitMs: 0,
  rushMs: 0,
}

function requestOf(line: string, { token, body }: { token?: string; body?: object } = {}): string {
  const content = body === undefined ? '' : JSON.stringify(body)
  const head = [
    `${line} HTTP/1.1`,
    'Host: localhost',
    ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
    ...(body === undefined
      ? []
      : ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(content)}`]),
  ]
  return `${head.join('\r\n')}\r\n\r\n${content}`
}

/** What arrives in one piece, with what becomes of each. */
const arrivals = ({ accessToken, refreshToken, username, password }: SignedInMember) => [
  { sent: requestOf('GET /api/v1/auth/me', { token: accessToken }), becomes: 200 },
  {
    sent: requestOf('POST /api/v1/auth/login/json', { body: { username_or_email: username, password } }),
    becomes: 503,
  },
  { sent: requestOf('POST /api/v1/auth/refresh', { body: { refresh_token: refreshToken } }), becomes: 200 },
  { sent: requestOf('GET /api/v1/users', { token: accessToken }), becomes: 503 },
  {
    sent: requestOf('POST /api/v1/auth/register', {
      body: { username: 'latecomer', email: 'latecomer@example.test', password: 'a long and quiet sentence' },
    }),
    becomes: 503,
  },
  { sent: requestOf('GET /health/ready'), becomes: 200 },
]

forEachApp('an overloaded application', { overload }, (on) => {
  it('R11: goes on with sessions before it lets anybody in, and does nothing for whom it turns away', async () => {
    const member = await createSignedInMember(on.app)
    const stored = async () => [
      await countStored(on.app, 'users'),
      await countStored(on.app, 'sessions'),
      await countStored(on.app, 'audit_events'),
    ]
    const before = await stored()
    const all = arrivals(member)
    clock.isInHurry = true
    const last = 'GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
    const text = await sendRaw(on.app.url, all.map(({ sent }) => sent).join('') + last)
    clock.isInHurry = false
    const answers = text.split(/(?=HTTP\/1\.1 \d{3})/)
    expect(answers.map(statusOf)).toEqual([...all.map(({ becomes }) => becomes), 200])
    for (const answer of answers.filter((each) => statusOf(each) === 503)) {
      expect(answer).toContain('"code":"http.unavailable"')
      expect(answer).toContain('\r\nretry-after: 2\r\n')
    }
    expect(await stored()).toEqual(before)
    const after = await on.app.send('GET', '/users', { token: member.accessToken })
    expect(after.status).toBe(200)
  })
})
