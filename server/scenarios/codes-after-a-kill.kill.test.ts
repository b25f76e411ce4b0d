import { generateSync } from 'otplib'
import { describe, expect, it } from 'vitest'
import { ask } from '../src/testing/crash/api-client.ts'
import { startServer } from '../src/testing/crash/server-process.ts'
import { commandInstance } from '../src/testing/run-command.ts'

type Dialect = 'sqlite' | 'postgres'

const PASSWORD = 'correct horse battery staple'
const SETTINGS = {
  OUTCRY_RATE_LIMITS: 'off',
  OUTCRY_ARGON2_MEMORY_KIB: '12288',
  OUTCRY_ARGON2_PASSES: '3',
  OUTCRY_LOG_LEVEL: 'warn',
}
const WHO = ['--username', 'anna', '--email', 'anna@example.test']

const login = (url: string) =>
  ask(url, { path: '/auth/login/json', body: { username_or_email: 'anna', password: PASSWORD } })

/** The whole sign-in with a code, and what its second step answered. */
async function signInWith(url: string, code: string) {
  const begun = await login(url)
  const body = { token: begun?.body.two_factor_token, two_fa_token: code }
  return (await ask(url, { path: '/auth/2fa/login', body }))?.status
}

describe.each<Dialect>(['sqlite', 'postgres'])('a server killed after a sign-in on %s', (dialect) => {
  it('C15: takes neither the code of the app nor the backup code again', { timeout: 120_000 }, async () => {
    const instance = await commandInstance(dialect)
    const made = await instance.run(['user', 'create', ...WHO, '--active'], {
      stdin: `${PASSWORD}\n`,
      env: SETTINGS,
    })
    expect(made).toMatchObject({ code: 0 })
    let server = startServer(instance, SETTINGS)
    let { url } = await server.ready
    const token = String((await login(url))?.body.access_token)
    const setup = await ask(url, { method: 'POST', path: '/auth/2fa/setup', token })
    const secret = String(setup?.body.secret)
    const codes = setup?.body.backup_codes
    const [backup = '', other = ''] = Array.isArray(codes) ? codes.map(String) : []
    const epoch = Math.floor(Date.now() / 1_000)
    const first = generateSync({ secret, epoch })
    expect((await ask(url, { path: '/auth/2fa/verify', token, body: { code: first } }))?.status).toBe(200)
    const next = generateSync({ secret, epoch: epoch + 30 }) // a step early, as a phone whose clock is fast
    expect(await signInWith(url, next)).toBe(200)
    expect(await signInWith(url, backup)).toBe(200)

    expect(await server.end('SIGKILL')).toMatchObject({ signal: 'SIGKILL' })
    server = startServer(instance, SETTINGS)
    url = (await server.ready).url
    for (const code of [first, next, backup]) expect(await signInWith(url, code)).toBe(401)
    expect(await signInWith(url, other)).toBe(200)
    expect(Date.now() / 1_000 - epoch).toBeLessThan(60) // the codes were refused for their use, not for their age
    await server.end('SIGTERM')
  })
})
