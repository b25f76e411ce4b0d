import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { readSystemEnvironment } from '../config/env.ts'
import type { Dialect } from '../platform/db/index.ts'
import { startServer } from '../testing/crash/server-process.ts'
import { PASSWORD } from '../testing/factories.ts'
import { commandInstance } from '../testing/run-command.ts'
import { verifyByCommand } from './verify-by-command.ts'

const PROGRAM = fileURLToPath(new URL('../main.ts', import.meta.url))
const command = { env: readSystemEnvironment(), cwd: process.cwd() }
const never = new AbortController().signal

describe.each<Dialect>(['sqlite', 'postgres'])('a server on %s', (dialect) => {
  it('verifies its log in a process of its own, with the keys that it does not have', async () => {
    const instance = await commandInstance(dialect)
    expect((await instance.run(['migrate'])).code).toBe(0)
    const admin = [
      'user',
      'create',
      '--username',
      'ada',
      '--email',
      'ada@example.test',
      '--role',
      'admin',
      '--active',
    ]
    expect((await instance.run(admin, { stdin: PASSWORD })).code).toBe(0)
    const server = startServer(instance)
    const { url } = await server.ready
    const ask = async (method: string, path: string, body?: unknown) => {
      const answer = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return (await answer.json()) as Record<string, unknown>
    }
    let token = ''
    const signedIn = await ask('POST', '/auth/login/json', { username_or_email: 'ada', password: PASSWORD })
    token = String(signedIn.access_token)
    const audit = async () => (await ask('GET', '/admin/system')).audit
    await expect.poll(audit, { timeout: 10_000 }).toMatchObject({ last_checkpoint_at: expect.any(String) })
    expect(await ask('POST', '/admin/audit/verify', {})).toMatchObject({ success: true })
    await expect.poll(audit, { interval: 100, timeout: 30_000 }).toMatchObject({
      is_verifying: false,
      verified: { ok: true, fault: null, signed_to: expect.any(Number) },
    })
    const { code, err } = await server.end('SIGTERM')
    expect([code, err]).toEqual([0, ''])
  })
})

describe('the command', () => {
  it('says what is wrong, though it ends with 1', async () => {
    const verify = verifyByCommand({
      ...command,
      args: [
        '-e',
        `console.log('{"entries":2,"signed_to":1,"faults":["Entry 3 was changed."]}'); process.exitCode = 1`,
      ],
    })
    expect(await verify(never)).toEqual({ entries: 2, signedTo: 1, faults: ['Entry 3 was changed.'] })
  })

  it.each([
    ['says nothing', `process.exitCode = 1`],
    ['says something else', `console.log('{"entries":"all"}')`],
    ['dies', `process.kill(process.pid, 'SIGKILL')`],
  ])('that %s is no verification', async (_what, script) => {
    await expect(verifyByCommand({ ...command, args: ['-e', script] })(never)).rejects.toMatchObject({
      name: 'VerificationError',
    })
  })

  it('hands on what it complains about when there is no database', async () => {
    const { env, folder: cwd } = await commandInstance('sqlite')
    const args = [PROGRAM, 'audit', 'verify', '--json']
    await expect(verifyByCommand({ args, env: { ...command.env, ...env }, cwd })(never)).rejects.toThrow(
      'There is no database',
    )
  })

  it('is broken off with the work that asked for it', async () => {
    const stopping = new AbortController()
    const verified = verifyByCommand({ ...command, args: ['-e', 'setInterval(() => 0, 1000)'] })(
      stopping.signal,
    )
    stopping.abort()
    await expect(verified).rejects.toMatchObject({ name: 'VerificationError' })
  })
})
