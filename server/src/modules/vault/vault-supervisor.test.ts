import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { auditEvents } from '../../platform/audit/audit.table.ts'
import { findAuditFault } from '../../platform/audit/audit-fault.ts'
import { createSql } from '../../platform/db/index.ts'
import { AppError } from '../../platform/errors.ts'
import { createLogger } from '../../platform/log/logger.ts'
import { parseJson } from '../../platform/parse-json.ts'
import { commandInstance, ended } from '../../testing/run-command.ts'
import { type Owned, SERVERS_ALONE, vaultProcessSetting } from '../../testing/vault-setting.ts'
import { childOf, PROGRAM } from '../../vault-program.ts'
import { VAULT_READY } from './protocol/launch-order.ts'
import { createVaultSupervisor } from './vault-supervisor.ts'

const sql = createSql(auditEvents)
const usesOf = sql.read((p: { id: string }) =>
  sql
    .from('audit_events')
    .select('details')
    .where('action', '=', 'credential.used')
    .where('object_id', '=', p.id),
)
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
const KILLS = 20
const WORKERS = 16

describe.each(['sqlite', 'postgres'] as const)('the vault process on %s', (dialect) => {
  it('serves its server alone, ends with it, and leaves nothing behind', async () => {
    const on = await vaultProcessSetting(dialect)
    const key = await on.store()
    expect(await text((await on.use(key)).body)).toBe('{"account_number":"A1"}')
    const { runDir } = on
    const [folder = ''] = readdirSync(runDir)
    expect(statSync(runDir).mode & 0o777).toBe(0o700)
    expect(statSync(join(runDir, folder)).mode & 0o777).toBe(0o700)
    expect(statSync(on.app.config.vaultKeysFile).mode & 0o777).toBe(0o600)
    const pid = on.vault.pid ?? 0
    const of = (name: string) => readFileSync(`/proc/${pid}/${name}`, 'latin1')
    if (process.platform === 'linux') {
      expect(of('cmdline').split('\0').slice(1, 3)).toEqual(['--disable-sigusr1', '--expose-gc'])
      const given = of('environ')
      expect(given).not.toMatch(/NODE_OPTIONS|fake-secret|canary/)
      for (const name of Object.keys(SERVERS_ALONE)) expect(given).not.toContain(`${name}=`)
      expect(given).toContain('OUTCRY_VAULT_KEYS_FILE=')
    }
    process.kill(pid, 'SIGTERM') // ends servers, and this one only with its server
    process.kill(pid, 'SIGINT')
    await text((await on.use(key)).body)
    await on[Symbol.asyncDispose]()
    expect(isAlive(pid)).toBe(false)
    expect(existsSync(join(runDir, folder))).toBe(false)
  })

  it(`sends nothing twice while it is killed ${KILLS} times under load, and is back within two seconds`, {
    timeout: 180_000,
  }, async () => {
    const startedAt = performance.now()
    await using on = await vaultProcessSetting(dialect)
    const startMs = performance.now() - startedAt
    const key = await on.store()
    let [asked, done] = [0, 0]
    let isOver = false
    const ends = new Map<string, string>()
    const progress = new EventTarget()
    const ask = async (owned: Owned) => {
      const path = `/v2/n/${asked++}`
      const end = await on
        .use(owned, { path, query: '' })
        .then(({ body }) => text(body))
        .then(
          () => 'done',
          (error: unknown) => (error instanceof AppError ? error.code : 'cut'),
        )
      ends.set(path, end)
      if (end === 'done') {
        done++
        progress.dispatchEvent(new Event('done'))
      } else await new Promise((resolve) => setTimeout(resolve, 50)) // as a client would
    }
    const work = async () => {
      while (!isOver) await ask(key)
    }
    const workers = Array.from({ length: WORKERS }, work)
    const outages: number[] = []
    for (let kill = 0; kill < KILLS; kill++) {
      const target = done + 30
      while (done < target) await once(progress, 'done')
      const pid = on.vault.pid ?? 0
      process.kill(pid, 'SIGKILL')
      const killedAt = performance.now()
      while (on.vault.pid === pid || !(await on.vault.find()))
        await new Promise((resolve) => setTimeout(resolve, 5))
      outages.push(performance.now() - killedAt)
    }
    isOver = true
    await Promise.all(workers)

    const received = on.paper.received.map(({ url }) => url)
    expect(new Set(received).size, 'nothing was sent twice').toBe(received.length)
    const wasDone = [...ends].filter(([, end]) => end === 'done').map(([path]) => path)
    expect(received).toEqual(expect.arrayContaining(wasDone))
    expect(new Set(ends.values())).toEqual(new Set(['done', 'vault.unavailable']))
    const audited = (await usesOf.all(on.db.asSystem(), { id: key.id })).map(({ details }) => details.path)
    expect(new Set(audited).size).toBe(audited.length)
    expect(audited).toEqual(expect.arrayContaining(received))
    expect(await findAuditFault(on.db.asSystem())).toBeUndefined()
    // Note: two seconds where a start takes no longer than on an idle machine; suites run side by side.
    expect(Math.max(...outages)).toBeLessThan(Math.max(2_000, 4 * startMs))
  })
})

/** Loaded into the vault before its program, as the system's way to load something: the program has no such door. */
const FAULTS = `data:text/javascript,${encodeURIComponent(`
  const failure = (message) => Object.assign(new Error(message), { headers: { key: ['fake', 'secret'].join('-') } })
  process.on('SIGUSR2', () => void Promise.reject(failure('nobody hears this')))
  process.on('SIGWINCH', () => setImmediate(() => { throw failure('nobody catches this') }))
`)}`

it.each(['sqlite', 'postgres'] as const)(
  'R22: serves on after a promise that fails unheard, is started again after an exception, and says no secret, on %s',
  async (dialect) => {
    await using on = await vaultProcessSetting(dialect, ['--import', FAULTS, PROGRAM, 'vault'])
    const key = await on.store()
    const pid = on.vault.pid ?? 0
    const said = (what: string) =>
      expect.poll(() => on.lines.filter((line) => line.includes(what)), { timeout: 20_000 }).toHaveLength(1)
    process.kill(pid, 'SIGUSR2')
    await said('nobody hears this')
    expect(await text((await on.use(key)).body)).toBe('{"account_number":"A1"}')
    expect(on.vault.pid).toBe(pid)

    process.kill(pid, 'SIGWINCH')
    await said('nobody catches this')
    await expect
      .poll(async () => on.vault.pid !== pid && (await on.vault.find()), { timeout: 20_000 })
      .toBeTruthy()
    expect(await text((await on.use(key)).body)).toBe('{"account_number":"A1"}')
    const [unheard, fatal] = on.lines.filter((line) => line.includes('nobody')).map(parseJson)
    expect(unheard).toMatchObject({ level: 'error', message: 'Something failed that nobody waited for.' })
    expect(fatal).toMatchObject({
      level: 'fatal',
      message: 'Something failed that nobody caught; the vault process ends.',
    })
    expect([...on.lines, ...on.app.logged].join('\n')).not.toContain('fake-secret')
  },
)

it('C79: logs what its process writes to standard error as any other value, and never relays it', async () => {
  const said = '\u001b[31m Bearer abcdef123456.xyz of ann@mail.example.test'
  const program = `process.stdin.once('data', () => {
    process.on('SIGUSR2', () => console.error(${JSON.stringify(said)}))
    console.log(${JSON.stringify(VAULT_READY)})
  })`
  const instance = await commandInstance('sqlite')
  const [logged, relayed]: [string[], string[]] = [[], []]
  await using vault = createVaultSupervisor({
    spawn: () => spawn(process.execPath, ['-e', program]),
    log: createLogger({ destination: { write: (line) => logged.push(line) } }),
    relay: (line) => relayed.push(line),
    runDir: join(instance.folder, 'run'),
  })
  await vault.start()
  process.kill(vault.pid ?? 0, 'SIGUSR2')
  await expect.poll(() => logged, { timeout: 20_000 }).toHaveLength(1)
  expect(parseJson(logged[0] ?? '')).toMatchObject({
    ...{ level: 'error', line: '\u001b[31m [redacted] of [redacted]' },
    message: 'The vault process wrote to standard error.',
  })
  expect(relayed).toEqual([])
})

describe('a vault that cannot start', () => {
  const refusing = async (spoil: (keysFile: string) => void) => {
    const instance = await commandInstance('sqlite')
    const program = instance.start(['serve'])
    const running = ended(program)
    program.stdout?.on('data', (said) => String(said).includes('listening on') && program.kill('SIGTERM'))
    expect((await running).code).toBe(0)
    spoil(join(instance.folder, 'data', 'vault-keys.json'))
    return await instance.spawn(['serve'])
  }

  it.each<[string, (keysFile: string) => void, RegExp]>([
    [
      'is missing',
      (file) => rmSync(file),
      /^The vault key ring \S+vault-keys.json is missing, but the database is in use; put/,
    ],
    [
      'is open to others',
      (file) => chmodSync(file, 0o644),
      /^Other users can reach the \S.*vault-keys.json; run chmod 600/,
    ],
    [
      'is no key ring',
      (file) => writeFileSync(file, '{}'),
      /vault-keys.json cannot be read: .*restore it from a backup/,
    ],
  ])(
    'keeps the server from starting when its key file %s, with its sentence',
    async (_what, spoil, sentence) => {
      const { code, err, out } = await refusing(spoil)
      expect(err).toMatch(sentence)
      expect(err.trim().split('\n')).toHaveLength(1)
      expect([code, out.includes('listening')]).toEqual([1, false])
    },
  )

  it('tells who starts it by hand what to start instead', async () => {
    const instance = await commandInstance('sqlite')
    expect(await instance.spawn(['vault'])).toEqual({
      code: 1,
      out: '',
      err: 'This command is for the server itself; start outcry serve instead.\n',
    })
  })

  it('says so when it ends without a word', async () => {
    const instance = await commandInstance('sqlite')
    const log = { error: () => undefined, info: () => undefined }
    await using vault = createVaultSupervisor({
      ...{ spawn: () => spawn(process.execPath, ['-e', '0']), log, relay: () => undefined },
      runDir: join(instance.folder, 'run'),
    })
    await expect(vault.start()).rejects.toThrow('The vault process did not start.')
    expect(await vault.find()).toBeUndefined()
  })
})

it('ends when its server was killed, and takes its folder along', async () => {
  await using on = await vaultProcessSetting('sqlite')
  const { env, cwd } = childOf(on.parts)
  const args = ['--expose-gc', PROGRAM, 'vault']
  const folder = join(on.runDir, 'orphan')
  mkdirSync(folder, { mode: 0o700 })
  const child = spawn(process.execPath, args, { env, cwd, stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.write(`${JSON.stringify({ socket: join(folder, '1.sock'), secret: 'A'.repeat(43) })}\n`)
  await once(child.stdout, 'data')
  expect(existsSync(join(folder, '1.sock'))).toBe(true)
  child.stdin.destroy()
  const [code] = await once(child, 'close')
  expect(code).toBe(0)
  expect(existsSync(folder)).toBe(false)
})
