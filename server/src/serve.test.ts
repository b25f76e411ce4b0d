import type { ChildProcess } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { systemClock } from './platform/clock.ts'
import { writeState } from './platform/state/state.ts'
import { commandInstance, ended } from './testing/run-command.ts'
import { withDatabaseOf } from './testing/seed-members.ts'

/** What the server says until it says `pattern`. */
function said(program: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  let out = ''
  return new Promise((resolve, reject) => {
    program.stdout?.setEncoding('utf8').on('data', (text) => {
      out += String(text)
      const found = pattern.exec(out)
      if (found) resolve(found)
    })
    program.once('close', () => reject(new Error(`The server ended before it said ${pattern}: ${out}`)))
  })
}

const GREETING =
  /listening on (\S+)\)[\s\S]*Open http:\/\/localhost:\d+\/setup#token=([\w-]{43}) to make the first/

describe.each(['sqlite', 'postgres'] as const)('a start on %s', (dialect) => {
  it('prints a link that makes the first administrator once, on the terminal alone, and none afterwards', {
    timeout: 60_000,
  }, async () => {
    const instance = await commandInstance(dialect)
    const program = instance.start(['serve'])
    const running = ended(program)
    const [, url, token] = await said(program, GREETING)
    const body = { token, username: 'ada', email: 'ada@example.test', password: 'a long and quiet sentence' }
    const setUp = () =>
      fetch(`${url}/api/v1/auth/setup`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    const made = await setUp()
    expect([made.status, await made.json()]).toMatchObject([201, { role: 'super_admin', status: 'active' }])
    expect((await setUp()).status).toBe(400)
    program.kill('SIGTERM')
    const { code, out, err } = await running
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out.split(String(token))).toHaveLength(2)
    for (const line of out.split('\n').filter((each) => each.startsWith('{')))
      expect(line).not.toContain(token)

    const again = instance.start(['serve'])
    const stopping = ended(again)
    await said(again, /The server is ready/)
    again.kill('SIGTERM')
    expect((await stopping).out).not.toContain('/setup#')
  })
})

describe('a clock that was set back', () => {
  it('R8: keeps the server from starting, with one plain sentence', async () => {
    const instance = await commandInstance('sqlite')
    expect((await instance.run(['migrate'])).code).toBe(0)
    const seen = new Date(Date.now() + 3_600_000).toISOString()
    await withDatabaseOf(instance, (db) =>
      db.withSystem((tx) => writeState(tx, 'clock_high_water', { value: seen, clock: systemClock })),
    )
    const { code, err } = await instance.spawn(['serve'])
    expect(code).toBe(1)
    expect(err).toMatch(
      /^The clock of this machine is (59|60) minutes behind what the database has seen; set it/,
    )
  })
})
