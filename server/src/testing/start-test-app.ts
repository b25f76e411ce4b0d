import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { type App, type AppOptions, createApp } from '../app.ts'
import { type Config, loadConfig } from '../config/config.ts'
import { databaseLocation } from '../database-location.ts'
import type { FindVault } from '../modules/vault/index.ts'
import type { VerifyAuditLog } from '../operations/index.ts'
import type { DatabaseLocation, Dialect, OpenOptions } from '../platform/db/index.ts'
import { createLogger } from '../platform/log/logger.ts'
import { prepareInstance } from '../prepare-instance.ts'
import { migrations, tables } from '../schema.ts'
import { type FixedClock, fixedClock } from './fixed-clock.ts'
import { createMigratedDatabase, TEST_POOL_SIZE } from './for-each-database.ts'
import { inProcessVault, type VaultServerParts } from './in-process-vault.ts'
import { type MemoryMail, memoryMail } from './memory-mail.ts'

/** The real application over real HTTP, with a clock that stands still and mail that stays in memory. */
export interface TestApp extends AsyncDisposable {
  readonly url: string
  readonly app: App
  readonly config: Config
  readonly clock: FixedClock
  readonly mail: MemoryMail
  /** Where its vault listens; starts it. */
  readonly findVault: FindVault
  /** Every log line so far. */
  readonly logged: readonly string[]
  /**
   * Sends a request to the API and reads the answer, of a stream of events its head alone; `body` goes as JSON unless it is
   * `URLSearchParams`.
   */
  send(method: string, path: string, options?: SendOptions): Promise<Answer>
  /** Does the background work that is due. */
  settle(): Promise<void>
}

export interface SendOptions {
  readonly body?: unknown
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** `body` is the parsed JSON, or an empty object when there was none. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown>
  readonly text: string
}

export interface TestAppOptions {
  readonly dialect: Dialect
  readonly env?: Readonly<Record<string, string>>
  readonly clock?: FixedClock
  /** What a password hash costs: next to nothing unless a test is about hashing, then what the settings say. */
  readonly hashing?: 'cheap' | 'as-configured'
  /** How the database is opened, beside finding transactions that wait for the outside. */
  readonly open?: OpenOptions
  /** How the vault is built, which starts in this process at its first use. */
  readonly vault?: Partial<VaultServerParts>
  /** A vault that runs elsewhere. */
  readonly findVault?: FindVault
  /** How overload is noticed; unless a test is about it, never. */
  readonly overload?: AppOptions['overload']
  /** How long brokers may take. */
  readonly brokerTiming?: AppOptions['brokerTiming']
  /** How the audit log of an instance is verified, in place of a process of its own. */
  readonly verifyAuditLog?: (config: Config) => ReturnType<VerifyAuditLog>
  /** A folder with a built web app; without one there are no pages. */
  readonly webAppDir?: string
  /** Another node of this application: the same settings, database, keys, clock and mail. */
  readonly beside?: TestApp
}

const CHEAP = { memoryKib: 256, passes: 1, lanes: 1 } as const

/** Clients of a test share the server's thread, and take most of it. */
const PATIENT = { rushMs: Number.POSITIVE_INFINITY } as const

const sendTo =
  (base: string): TestApp['send'] =>
  async (method, path, options = {}) => {
    const isForm = options.body instanceof URLSearchParams
    const response = await fetch(`${base}/api/v1${path}`, {
      method,
      headers: {
        ...(options.body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
        ...(options.token ? { authorization: `Bearer ${options.token}` } : {}),
        ...options.headers,
      },
      ...(options.body === undefined
        ? {}
        : { body: isForm ? (options.body as URLSearchParams) : JSON.stringify(options.body) }),
    })
    const isEndless = response.headers.get('content-type') === 'text/event-stream'
    if (isEndless) await response.body?.cancel()
    const text = isEndless ? '' : await response.text()
    const parsed: unknown = text === '' ? {} : JSON.parse(text)
    return {
      status: response.status,
      headers: response.headers,
      body: parsed as Record<string, unknown>,
      text,
    }
  }

interface TestInstance {
  readonly config: Config
  drop(): Promise<void>
}

async function createTestInstance({ dialect, env }: TestAppOptions): Promise<TestInstance> {
  const database = await createMigratedDatabase(dialect, { tables, migrations })
  const { location } = database
  const folder = await mkdtemp(join(tmpdir(), 'outcry-app-'))
  const config = loadConfig({
    OUTCRY_DATA_DIR: folder,
    OUTCRY_PORT: '0',
    OUTCRY_RATE_LIMITS: 'off',
    OUTCRY_PUBLIC_URL: 'http://localhost:4000',
    OUTCRY_DATABASE_URL: location.kind === 'sqlite' ? `sqlite:${location.path}` : location.url,
    ...(location.kind === 'postgres' ? { OUTCRY_DATABASE_ADMIN_URL: location.adminUrl } : {}),
    ...(TEST_POOL_SIZE ? { OUTCRY_DATABASE_POOL: TEST_POOL_SIZE } : {}),
    ...env,
  })
  const drop = async () => {
    await database.drop()
    await rm(folder, { recursive: true, force: true })
  }
  return { config, drop }
}

/** Starts the application, on a fresh database of its own unless `beside` another. Rate limits are off unless `env` turns them on. */
export async function startTestApp(options: TestAppOptions): Promise<TestApp> {
  const { beside, verifyAuditLog } = options
  const clock = beside?.clock ?? options.clock ?? fixedClock()
  const { config, drop } = beside
    ? { config: beside.config, drop: async () => undefined }
    : await createTestInstance(options)
  const mail = beside?.mail ?? memoryMail()
  const logged: string[] = []
  const log = createLogger({
    level: 'debug',
    destination: { write: (line: string) => void logged.push(line) },
  })
  const instance = await prepareInstance(config, clock, { detectOutsideWaits: true, ...options.open })
  const passwordCost = options.hashing === 'as-configured' ? config.argon2 : CHEAP
  const vault = inProcessVault(config, { clock, log, ...options.vault })
  const app = await createApp(config, instance, {
    clock,
    log,
    mailer: mail,
    passwordCost,
    findVault: options.findVault ?? vault.find,
    overload: options.overload ?? PATIENT,
    brokerTiming: options.brokerTiming,
    ...(verifyAuditLog ? { verifyAuditLog: () => verifyAuditLog(config) } : {}),
    webAppDir: options.webAppDir,
  })
  const url = await app.http.listen({ host: '127.0.0.1', port: 0 })
  return {
    url,
    app,
    config,
    clock,
    mail,
    findVault: options.findVault ?? vault.find,
    logged,
    send: sendTo(url),
    async settle() {
      await app.platform.jobs.settle()
    },
    async [Symbol.asyncDispose]() {
      await app.stop()
      await vault.stop()
      await drop()
    },
  }
}

/** What a suite sees of its application; valid inside tests, not while the suite is being collected. */
export interface AppFixture {
  readonly dialect: Dialect
  readonly app: TestApp
}

/** Runs one suite over HTTP against the application on SQLite and on PostgreSQL. */
export function forEachApp(
  title: string,
  options: Omit<TestAppOptions, 'dialect'>,
  suite: (on: AppFixture) => void,
): void {
  describe.each<Dialect>(['sqlite', 'postgres'])(`${title} on %s`, (dialect) => {
    let running: TestApp | undefined
    beforeAll(async () => {
      running = await startTestApp({ dialect, ...options })
    })
    afterAll(async () => {
      await running?.[Symbol.asyncDispose]()
    })
    suite({
      dialect,
      get app() {
        if (!running) throw new Error('The application is there only while tests run.')
        return running
      },
    })
  })
}

/** Where the database of an application is, for who looks or holds on from outside. */
export function locationOf({ config }: Pick<TestApp, 'config'>): DatabaseLocation {
  return databaseLocation(config)
}
