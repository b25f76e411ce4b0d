import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { readState } from './platform/state/state.ts'
import { commandInstance, ended } from './testing/run-command.ts'
import { childrenOf } from './testing/secrecy/places.ts'
import { withDatabaseOf } from './testing/seed-members.ts'
import { vaultProcessSetting } from './testing/vault-setting.ts'
import { vaultOf } from './vault-child.ts'
import { PROGRAM, spawnVault } from './vault-program.ts'

const WRONG_CIPHER = fileURLToPath(new URL('./testing/crash/wrong-cipher.ts', import.meta.url))
const silent = { info: () => undefined, error: () => undefined }

/** A process that nobody has buried yet has ended, too. */
function isRunning(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}

describe('a vault process that was started before its server', () => {
  const settingWith = async (prepare: (child: ChildProcess) => Promise<unknown>) => {
    const on = await vaultProcessSetting('sqlite')
    onTestFinished(() => on[Symbol.asyncDispose]())
    const waiting = spawnVault(on.parts)
    await prepare(waiting)
    const told: string[] = []
    const log = { info: () => undefined, error: (_fields: object, line: string) => void told.push(line) }
    const vault = vaultOf({ ...on.parts, log, waiting })
    onTestFinished(() => vault[Symbol.asyncDispose]())
    await vault.start()
    return { vault, waiting, told }
  }

  it('is the one that serves', async () => {
    const { vault, waiting, told } = await settingWith(async () => undefined)
    expect([vault.pid, told]).toEqual([waiting.pid, []])
    expect(await vault.find()).toBeDefined()
  })

  it('is replaced when it has died meanwhile', async () => {
    const { vault, waiting, told } = await settingWith(async (child) => {
      child.kill('SIGKILL')
      await once(child, 'exit')
    })
    expect(vault.pid).not.toBe(waiting.pid)
    expect(await vault.find()).toBeDefined()
    expect(told).toEqual(['The vault process ended before it was launched; another one is started.'])
  })

  it('ends with a server that cannot start', async () => {
    const instance = await commandInstance('sqlite')
    mkdirSync(join(instance.folder, 'data', 'keys.json'), { recursive: true })
    const program = instance.start(['serve'])
    const children = new Set<number>()
    const watching = setInterval(async () => {
      for (const pid of await childrenOf(program.pid ?? 0).catch(() => [])) children.add(pid)
    }, 20)
    const { code } = await ended(program)
    clearInterval(watching)
    expect([code, children.size]).toEqual([1, 1])
    for (const pid of children) await vi.waitUntil(() => !isRunning(pid), { timeout: 5_000 })
  })
})

describe.each(['sqlite', 'postgres'] as const)(
  'a vault on %s whose cipher gives wrong answers',
  (dialect) => {
    it('C59: does not start, says one sentence, and makes no keys', async () => {
      const instance = await commandInstance(dialect)
      expect((await instance.run(['migrate'])).code).toBe(0)
      const dataDir = join(instance.folder, 'data')
      const keysFile = join(dataDir, 'vault-keys.json')
      const vault = vaultOf({
        ...{ env: instance.env, cwd: instance.folder, config: { dataDir } },
        ...{ log: silent, write: () => undefined, program: ['--import', WRONG_CIPHER, PROGRAM, 'vault'] },
      })
      onTestFinished(() => vault[Symbol.asyncDispose]())
      await expect(vault.start()).rejects.toMatchObject({
        name: 'VaultStartError',
        message: expect.stringMatching(/^The cipher AES-256-GCM gives wrong answers here;[^\n]+\.$/),
      })
      expect(await vault.find()).toBeUndefined()
      expect(existsSync(keysFile)).toBe(false)
      const proof = await withDatabaseOf(instance, (db) => readState(db, 'vault_key_check'))
      expect(proof).toBeUndefined()
    })
  },
)
