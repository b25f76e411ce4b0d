import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type ServerProcess, startServer } from '../src/testing/crash/server-process.ts'
import { registerMember, resetTokenFor, tryToSignIn, verificationTokenFor } from '../src/testing/factories.ts'
import { type CommandInstance, commandInstance } from '../src/testing/run-command.ts'
import { type ApiRun, apiRun } from '../src/testing/secrecy/api-run.ts'
import {
  childrenOf,
  filesBelow,
  namesBelow,
  type Place,
  processesFrom,
  rowsOf,
  watchDatabaseFiles,
} from '../src/testing/secrecy/places.ts'
import { type Spellings, spelledIn, spellings, tokenSpellings } from '../src/testing/secrecy/spellings.ts'
import { CORE, NICKNAME, PASSWORD, runTheVault, startStandIn } from '../src/testing/secrecy/vault-run.ts'
import { forEachApp } from '../src/testing/start-test-app.ts'
import { countStored, storedText } from '../src/testing/stored-rows.ts'
import { vaultProcessSetting } from '../src/testing/vault-setting.ts'

const CANARY = 'canary Zq8 swims + "dives" at noön'

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
    const sessions = tokens.map((each, i): [string, Spellings] => [`token ${i}`, tokenSpellings(each)])
    const password: [string, Spellings] = ['password', spellings(CANARY)]
    const verification: [string, Spellings] = ['verification', tokenSpellings(token)]
    const secrets = new Map([password, verification, ['reset', tokenSpellings(reset)], ...sessions])
    const found = (text: string, among = secrets) =>
      (['utf8', 'latin1'] as const).flatMap((encoding) => spelledIn(Buffer.from(text, encoding), among))
    expect(found(stored)).toEqual([])
    expect(found(logged)).toEqual([])
    expect(found(waiting, new Map([password, verification]))).toEqual([])
    expect(await countStored(app, 'jobs', `kind = 'mail.send'`)).toBe(0)

    const mails = JSON.stringify(app.mail.sent)
    expect(mails).toContain(token)
    expect(found(mails, new Map([password, ...sessions]))).toEqual([])
  })
})

/** The places in which a secret was found; none. */
function sweep(places: readonly Place[], secrets: ReadonlyMap<string, Spellings>): string[] {
  return places.flatMap(({ name, bytes }) => spelledIn(bytes, secrets).map((found) => `${name}: ${found}`))
}

const placesOf = async ({ folder, env }: CommandInstance): Promise<Place[]> => [
  ...(await filesBelow(folder)),
  await namesBelow(folder),
  ...(await rowsOf({ env })),
]

/** Kills the vault while it may be used, and waits until it serves again. */
async function killTheVault(
  server: ServerProcess,
  run: ApiRun,
  { token, live }: { token: string; live: string },
) {
  const [vault] = await childrenOf(server.pid)
  if (vault === undefined) throw new Error('There is no vault process.')
  process.kill(vault, 'SIGKILL')
  const read = () => run.ask('use after a kill', `/api/v1/credentials/${live}/account-data`, { token })
  await vi.waitUntil(async () => (await read()).status === 200, { timeout: 10_000, interval: 50 })
}

/** What kind of place a place is, by its name. */
const KINDS: readonly (readonly [kind: string, name: RegExp])[] = [
  ['backup', /\/backup\/.*unpacked$/],
  ['rows', /^table user_credentials$/],
  ['database', /[.]db$|\/base\/\d+\/\d+$/],
  ['written ahead', /-wal$|\/pg_wal\//],
  ['answer', /^the answer to /],
]

/** The kinds of places in which something can be found that is no secret. */
const kindsThatShow = (places: readonly Place[], text: string) =>
  KINDS.filter(([, kind]) => places.some(({ name, bytes }) => kind.test(name) && bytes.includes(text))).map(
    ([kind]) => kind,
  )

/** Requests of the run that succeed; the others are refused. */
const SUCCEEDED = [
  ...['sign in', 'store', 'store again', 'store untried', 'store live', 'account', 'rotate', 'rename'],
  ...['validate', 'account data', 'history', 'positions', 'orders', 'a token', 'gateway', 'switch off'],
  ...['gateway with keys of the caller', 'gateway with an order', 'switch on', 'the audit list', 'delete'],
  ...['use after a kill', 'metrics'],
]

describe.each(['sqlite', 'postgres'] as const)('C63: after a run of the real server on %s', (dialect) => {
  it('no key, secret, password or token is in a file, a log, an answer, a mail, a metric or a process', {
    timeout: 120_000,
  }, async () => {
    const instance = await commandInstance(dialect)
    const databaseFiles = await watchDatabaseFiles(instance)
    const broker = await startStandIn()
    onTestFinished(() => broker.dispose())
    const temporary = join(instance.folder, 'temporary')
    await mkdir(temporary)
    const env = {
      OUTCRY_RATE_LIMITS: 'off',
      OUTCRY_LOG_LEVEL: 'debug',
      OUTCRY_ALPACA_PAPER_URL: broker.paper.url,
      OUTCRY_ALPACA_LIVE_URL: broker.live.url,
      TMPDIR: temporary,
    }
    const ada = ['--username', 'ada', '--email', 'ada@example.test', '--active']
    const created = await instance.spawn(['user', 'create', ...ada], { stdin: PASSWORD, env })
    expect(created).toMatchObject({ code: 0 })
    const server = startServer(instance, env)
    const { url } = await server.ready
    const run = apiRun(url)
    const { tokens, ...left } = await runTheVault(instance, run, broker)
    await killTheVault(server, run, left)
    await run.ask('metrics', '/metrics')
    const succeeded = Object.entries(run.endings).filter(([, status]) => status >= 200 && status < 300)
    expect(succeeded.map(([name]) => name)).toEqual(expect.arrayContaining(SUCCEEDED))
    const backup = await instance.spawn(['backup', join(instance.folder, 'backup')], { env })
    expect(backup).toMatchObject({ code: 0 })

    const processes = await processesFrom(server.pid)
    expect(processes).toHaveLength(4)
    const running = [...(await placesOf(instance)), ...(await databaseFiles()), ...processes]
    const served = await server.end('SIGTERM')
    expect(served).toMatchObject({ code: 0 })
    const said = [created, backup, served].map(
      ({ out, err }, i): Place => ({ name: `what process ${i} said`, bytes: Buffer.from(out + err) }),
    )
    const stopped = [...(await placesOf(instance)), ...(await databaseFiles()), ...said, ...run.answers]
    const secrets = new Map([
      ['what keys and password hold', spellings(CORE)],
      ...tokens.map((token, i): [string, Spellings] => [`token ${i}`, tokenSpellings(token)]),
    ])
    const places = [...running, ...stopped]
    expect(sweep(places, secrets)).toEqual([])
    expect(kindsThatShow(places, NICKNAME)).toEqual(KINDS.map(([kind]) => kind))
  })
})

describe('C63: what the server and its vault share', () => {
  it('is in no file, no log, no row and no argument or environment of either', async () => {
    await using on = await vaultProcessSetting('sqlite')
    const key = await on.store()
    await (await on.use(key)).body.resume().toArray()
    const endpoint = await on.vault.find()
    const secret = endpoint?.secret.export()
    if (secret === undefined) throw new Error('There is no secret.')
    const text = secret.toString('base64url')
    const secrets = new Map([['the secret', new Map([...spellings(text), ...tokenSpellings(text)])]])
    const { dataDir } = on.app.config
    const places = [
      ...(await filesBelow(dataDir)),
      await namesBelow(dataDir),
      ...(await processesFrom(on.vault.pid ?? 0)),
      { name: 'rows and database', bytes: Buffer.from(await storedText(on.app), 'latin1') },
      { name: 'what the server said', bytes: Buffer.from(on.app.logged.join('')) },
      { name: 'what the vault said', bytes: Buffer.from(on.lines.join('\n')) },
    ]
    expect(places.length).toBeGreaterThan(8)
    expect(sweep(places, secrets)).toEqual([])
  })
})
