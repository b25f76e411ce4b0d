import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { ask } from '../src/testing/crash/api-client.ts'
import {
  brokerSettings,
  inspectSealed,
  type KeyOwner,
  seedSealed,
  signedIn,
  useKeys,
  vaultPid,
} from '../src/testing/crash/key-uses.ts'
import { type ServerProcess, startServer } from '../src/testing/crash/server-process.ts'
import { type CommandInstance, commandInstance, ended } from '../src/testing/run-command.ts'

type Dialect = 'sqlite' | 'postgres'

const KILLS = 20
const LEFT = /still sealed with older keys/
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

describe.each<Dialect>(['sqlite', 'postgres'])(
  'keys that are rotated while a server runs on %s',
  (dialect) => {
    it('C60: fail no use, seal what is stored next, and leave nothing under the older key', {
      timeout: 240_000,
    }, async () => {
      const { instance, server, url, owner } = await servingInstance(dialect, {
        members: 1_000,
        credentials: 1_000,
      })
      const uses = useKeys(url, owner)
      const { code, out } = await instance.spawn(['keys', 'rotate'])
      expect(code).toBe(0)
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
    })

    it(`R4: open and are finished without an operator, whatever was killed, ${KILLS} times`, {
      timeout: 400_000,
    }, async () => {
      const { instance, server, url, owner } = await servingInstance(dialect, {
        members: 1_500,
        credentials: 1_500,
      })
      const uses = useKeys(url, owner)
      let added = 0
      for (let kill = 0; kill < KILLS; kill++) {
        const rotation = instance.start(['keys', 'rotate'])
        const ending = ended(rotation)
        await Promise.race([wait(300 + ((kill * 613) % 2_900)), ending]) // at another moment each time
        const pid = kill % 2 === 0 ? rotation.pid : vaultPid(server.pid)
        if (pid !== undefined && rotation.exitCode === null) process.kill(pid, 'SIGKILL')
        const { out } = await ending
        added += out.match(/^Added the key \w{7} to the vault/gm)?.length ?? 0
        await expectEverythingOpens(instance, false)
      }
      const rotation = instance.start(['keys', 'rotate'])
      const ending = ended(rotation)
      rotation.stderr?.once('data', () => rotation.kill('SIGKILL')) // with something left to do
      await ending
      while (LEFT.test((await instance.run(['keys', 'status'])).out)) await wait(500)
      const { vault } = await expectEverythingOpens(instance, true)
      expect(vault.known.length).toBeLessThanOrEqual(1 + added + KILLS / 2 + 1)
      const answered = await uses.stop()
      expect(Object.keys(answered).filter((status) => status !== '200' && status !== '503')).toEqual([])
      expect(answered[200]).toBeGreaterThan(0)
      expect(await instance.run(['keys', 'rotate'])).toMatchObject({ code: 0 })
      await expectEverythingOpens(instance, true)
      expect(await server.end('SIGTERM')).toMatchObject({ code: 0 })
    })
  },
)
