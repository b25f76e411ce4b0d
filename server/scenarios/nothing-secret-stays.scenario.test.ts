import { expect, it } from 'vitest'
import { registerMember, resetTokenFor, tryToSignIn, verificationTokenFor } from '../src/testing/factories.ts'
import { forEachApp } from '../src/testing/start-test-app.ts'
import { countStored, storedText } from '../src/testing/stored-rows.ts'

const CANARY = 'canary Zq8 swims + "dives" at noön'

/** The ways in which a secret could have been written down. */
function spellings(secret: string): string[] {
  const bytes = Buffer.from(secret)
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    bytes.toString('latin1'),
    bytes.toString('hex'),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
  ]
}

/** Both a token's text and the bytes that it spells. */
const tokenSpellings = (token: string) => [
  ...spellings(token),
  ...token.split('.').flatMap((part) => [part, Buffer.from(part, 'base64url').toString('hex')]),
]

forEachApp('nothing secret', {}, (on) => {
  it('stays in the database, the log or a mail, whatever succeeds and fails', async () => {
    const { app } = on
    const post = (path: string, body: unknown) => app.send('POST', path, { body })
    const member = await registerMember(app, { password: CANARY })
    const waiting = await storedText(app)
    const token = await verificationTokenFor(app, member.email)

    await post('/auth/register', { ...member, email: 'another@example.test' })
    await post('/auth/register', { username: CANARY, email: CANARY, password: CANARY })
    await tryToSignIn(app, CANARY, CANARY)
    await tryToSignIn(app, 'nobody', CANARY)
    await post('/auth/login/json', { username_or_email: [CANARY], password: { a: CANARY } })
    await post('/auth/login', { password: CANARY })
    await app.send('POST', '/auth/login', {
      body: new URLSearchParams({ username: CANARY, password: CANARY }),
    })
    await post('/auth/verify-email', { token })
    await post('/auth/verify-email', { token })
    const { body: issued } = await tryToSignIn(app, member.username, CANARY)
    const { body: renewed } = await post('/auth/refresh', { refresh_token: issued.refresh_token })
    await post('/auth/refresh', { refresh_token: issued.access_token })
    app.clock.advance(60_000)
    await post('/auth/refresh', { refresh_token: issued.refresh_token })
    await app.send('GET', '/auth/me', { token: String(renewed.access_token) })
    await app.send('GET', `/users?cursor=${encodeURIComponent(CANARY)}`)
    const { body: again } = await tryToSignIn(app, member.username, CANARY)
    const change = (current_password: string, new_password: string) =>
      app.send('PUT', '/users/me/password', {
        token: String(again.access_token),
        body: { current_password, new_password },
      })
    await change(`wrong ${CANARY}`, `next ${CANARY}`)
    await change(CANARY, CANARY)
    expect((await change(CANARY, `next ${CANARY}`)).status).toBe(200)
    await post('/auth/password-reset', { email: CANARY })
    await post('/auth/verify-email/resend', { email: CANARY })
    const reset = await resetTokenFor(app, member.email)
    await post('/auth/password-reset/confirm', { token: reset, new_password: `${member.username} ${CANARY}` })
    expect((await post('/auth/password-reset/confirm', { token: reset, new_password: CANARY })).status).toBe(
      200,
    )
    await post('/auth/password-reset/confirm', { token: reset, new_password: CANARY })
    await app.settle()

    const stored = await storedText(app)
    const logged = app.logged.join('')
    const tokens = [issued, renewed, again]
      .flatMap((body) => [body.access_token, body.refresh_token])
      .map(String)
    expect(app.logged.length).toBeGreaterThan(0)
    expect(stored).toContain(member.email)
    for (const spelling of [...spellings(CANARY), ...[token, reset, ...tokens].flatMap(tokenSpellings)]) {
      expect(stored.includes(spelling), `stored: ${spelling}`).toBe(false)
      expect(logged.includes(spelling), `logged: ${spelling}`).toBe(false)
    }
    for (const spelling of [...spellings(CANARY), ...tokenSpellings(token)])
      expect(waiting.includes(spelling), `waiting: ${spelling}`).toBe(false)
    expect(await countStored(app, 'jobs', `kind = 'mail.send'`)).toBe(0)

    const mails = JSON.stringify(app.mail.sent)
    expect(mails).toContain(token)
    for (const spelling of [...spellings(CANARY), ...tokens]) expect(mails.includes(spelling)).toBe(false)
  })
})
