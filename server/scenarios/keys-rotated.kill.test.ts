import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { ask } from '../src/testing/crash/api-client.ts'
import {
  brokerSettings,
  inspectSealed,
  type KeyOwner,
  killVault,
  seedSealed,
  signedIn,
  useKeys,
} from '../src/testing/crash/key-uses.ts'
import { startRotation } from '../src/testing/crash/running-rotation.ts'
import { type ServerProcess, startServer } from '../src/testing/crash/server-process.ts'
import { dataKeysOf } from '../src/testing/data-keys.ts'
import { type CommandInstance, commandInstance } from '../src/testing/run-command.ts'

type Dialect = 'sqlite' | 'postgres'

const KILLS = 50
/** A kill comes after fewer lines of what a rotation says; it says about fifty. */
const LINES = 24
const EARLIER = /^Finishing an earlier rotation/m
const LEFT = / values are still /
const SETTINGS = {
  OUTCRY_RATE_LIMITS: 'off',
  OUTCRY_ARGON2_MEMORY_KIB: '12288',
  OUTCRY_ARGON2_PASSES: '3',
  OUTCRY_LOG_LEVEL: 'error',
}

async function servingInstance(
  dialect: Dialect,
  amount: { members: number; credentials: number },
): Promise<{ instance: CommandInstance; server: ServerProcess; url: string; owner: KeyOwner }> {
  const bare = await commandInstance(dialect)
  const env = { ...bare.env, ...SETTINGS, ...(await brokerSettings()) }
  const instance = { ...bare, env }
  const server = startServer(instance)
  const { url } = await server.ready
  const owner = await seedSealed(instance, url, amount)
  return { instance, server, url, owner }
}

/** Everything opens, under the newest key alone when `isDone`, and no value needs a key that is in no ring. */
async function expectEverythingOpens(instance: CommandInstance, isDone: boolean) {
  const inspected = await inspectSealed(instance)
  for (const { current, known, under, wrong } of Object.values(inspected)) {
    expect(wrong).toEqual([])
    expect(Object.keys(under).filter((id) => !known.includes(id))).toEqual([])
    if (isDone) expect(Object.keys(under)).toEqual([current])
  }
  return inspected
}

const everyKey = (dataKeys: ReadonlyMap<string, ReadonlySet<string>>): Set<string> =>
  new Set([...dataKeys.values()].flatMap((keys) => [...keys]))

describe.each<Dialect>(['sqlite', 'postgres'])(
  'keys that are rotated while a server runs on %s',
  (dialect) => {
    it.each([
      ['wraps data keys anew', []],
      ['seals everything anew', ['--reseal']],
    ])(
      'C60: fail no use, seal what is stored next, and leave nothing under the older key, when it %s',
      {
        timeout: 240_000,
      },
      async (_what, options) => {
        const { instance, server, url, owner } = await servingInstance(dialect, {
          members: 1_000,
          credentials: 1_000,
        })
        const uses = useKeys(url, owner)
        const before = everyKey(await dataKeysOf(instance))
        const { code, out } = await instance.spawn(['keys', 'rotate', ...options])
        expect(code).toBe(0)
        const kept = before.intersection(everyKey(await dataKeysOf(instance)))
        expect(kept.size).toBe(options.length === 0 ? before.size : 0)
        const [, id] = /^Added the key (\w{7}) to the vault key ring/m.exec(out) ?? []
        const token = await signedIn(instance, url, 'later')
        const account = await ask(url, { path: '/accounts', token, body: { account_name: 'Desk' } })
        const pair = { api_key: 'PKFAKEROTATED00000001', secret_key: 'fake-secret-rotated' }
        const body = { account_id: account?.body.id, credential_type: 'alpaca_paper', ...pair }
        expect(await ask(url, { path: '/credentials/store', token, body })).toMatchObject({ status: 201 })
        const answered = await uses.stop()
        expect(Object.keys(answered)).toEqual(['200'])
        const { vault } = await expectEverythingOpens(instance, true)
        expect(vault.current).toBe(id)
        expect(vault.known).toHaveLength(2)
        expect(await server.end('SIGTERM')).toMatchObject({ code: 0 })
      },
    )

    it(`R4: open and are finished without an operator, whatever was killed, ${KILLS} times`, {
      timeout: 400_000,
    }, async () => {
      const { instance, server, url, owner } = await servingInstance(dialect, {
        members: 1_500,
        credentials: 1_500,
      })
      const uses = useKeys(url, owner)
      const before = everyKey(await dataKeysOf(instance))
      const tally = { kills: 0, begun: 0 }
      for (let run = 0; tally.kills < KILLS; run++) {
        const rotation = startRotation(instance, run % 3 === 0 ? ['--reseal'] : [])
        await rotation.saysMore(1 + ((run * 7) % LINES)) // at another moment each time
        tally.kills += Number(killVault(server.pid))
        await rotation.saysMore(1 + ((run * 11) % LINES))
        tally.kills += Number(rotation.kill())
        if (!EARLIER.test((await rotation.ended).out)) tally.begun++
        await expectEverythingOpens(instance, false)
      }
      const last = startRotation(instance)
      await last.saysMore(4) // with something left to do
      last.kill()
      await last.ended
      while (LEFT.test((await instance.run(['keys', 'status'])).out)) await wait(500)
      const { vault } = await expectEverythingOpens(instance, true)
      expect(before.intersection(everyKey(await dataKeysOf(instance))).size).toBe(0)
      expect(vault.known.length).toBeLessThanOrEqual(2 + tally.begun)
      const answered = await uses.stop()
      expect(Object.keys(answered).filter((status) => status !== '200' && status !== '503')).toEqual([])
      expect(answered[200]).toBeGreaterThan(0)
      expect(await instance.run(['keys', 'rotate'])).toMatchObject({ code: 0 })
      await expectEverythingOpens(instance, true)
      expect(await server.end('SIGTERM')).toMatchObject({ code: 0 })
    })
  },
)
