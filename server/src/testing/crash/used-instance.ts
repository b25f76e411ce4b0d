import { chmod, cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import { createApp } from '../../app.ts'
import { loadConfig } from '../../config/config.ts'
import { prepareVaultKeys } from '../../modules/vault/process/vault-key-ring.ts'
import { systemClock } from '../../platform/clock.ts'
import type { Dialect } from '../../platform/db/index.ts'
import { createLogger } from '../../platform/log/logger.ts'
import { prepareInstance } from '../../prepare-instance.ts'
import { createTestDatabase } from '../for-each-database.ts'
import { openRowReader } from '../fuzz/row-snapshot.ts'
import { onPostgresAt } from '../postgres-client.ts'

/** An instance that was used and stopped, which a test may spoil and put back. */
export interface UsedInstance {
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  readonly keysFile: string
  readonly vaultKeysFile: string
  /** Keys of an instance of their own. */
  readonly otherKeysFile: string
  readonly otherVaultKeysFile: string
  /** On SQLite. */
  readonly databaseFile: string | undefined
  /** Ways into the database, by what is wrong with them; on PostgreSQL. */
  readonly urls: Readonly<Record<WayIn, string>>
  /** Every key and every password in the settings. */
  readonly secrets: readonly string[]
  /** Puts its folder back as it was. */
  restore(): Promise<void>
  snapshot(): Promise<Record<string, string>>
  drop(): Promise<void>
}

type WayIn = 'superuser' | 'owner' | 'bypassing' | 'wrongPassword' | 'nowhere' | 'nowhereAdmin'

const BYPASSING_ROLE = 'outcry_test_bypassing'
const BYPASSING_PASSWORD = 'past-row-security'

/** Makes an instance with one member in it. */
export async function usedInstance(dialect: Dialect): Promise<UsedInstance> {
  const scratch = await mkdtemp(join(tmpdir(), 'outcry-used-'))
  const folder = join(scratch, 'instance')
  const { location, drop } = await createTestDatabase(dialect)
  const databaseFile = dialect === 'sqlite' ? join(folder, 'outcry.db') : undefined
  const env = {
    OUTCRY_DATA_DIR: folder,
    OUTCRY_PORT: '0',
    ...(location.kind === 'postgres'
      ? { OUTCRY_DATABASE_URL: location.url, OUTCRY_DATABASE_ADMIN_URL: location.adminUrl ?? '' }
      : {}),
  }
  await use(env)
  const otherKeysFile = join(scratch, 'other', 'keys.json')
  await use({ OUTCRY_DATA_DIR: join(scratch, 'other') })
  const otherVaultKeysFile = join(scratch, 'other', 'vault-keys.json')
  const copy = join(scratch, 'copy')
  await cp(folder, copy, { recursive: true, preserveTimestamps: true })
  const keysFile = join(folder, 'keys.json')
  const vaultKeysFile = join(folder, 'vault-keys.json')
  const urls = location.kind === 'postgres' ? await waysIn(location.url, location.adminUrl ?? '') : noUrls
  return {
    folder: scratch,
    env,
    keysFile,
    vaultKeysFile,
    otherKeysFile,
    otherVaultKeysFile,
    databaseFile,
    urls,
    secrets: [
      ...(await keysIn(keysFile)),
      ...(await keysIn(otherKeysFile)),
      ...(await keysIn(vaultKeysFile)),
      ...(await keysIn(otherVaultKeysFile)),
      ...passwordsIn([...Object.values(env), ...Object.values(urls)]),
    ],
    async restore() {
      await rm(folder, { recursive: true, force: true })
      await cp(copy, folder, { recursive: true, preserveTimestamps: true })
      await chmod(folder, 0o700)
    },
    async snapshot() {
      await using rows = await openRowReader({ env })
      return await rows.snapshot() // closed only afterwards
    },
    async drop() {
      await drop()
      await rm(scratch, { recursive: true, force: true })
    },
  }
}

async function use(env: Readonly<Record<string, string>>): Promise<void> {
  const config = loadConfig(env)
  const instance = await prepareInstance(config, systemClock)
  const app = await createApp(config, instance, { log: createLogger({ level: 'silent' }) })
  await app.accounts.admin.create(
    {
      username: 'ada',
      email: 'ada@example.test',
      password: 'correct horse battery staple',
      displayName: null,
    },
    { role: 'user', status: 'active' },
  )
  await prepareVaultKeys({ path: config.vaultKeysFile, db: instance.db, clock: systemClock })
  await app.stop()
}

const noUrls = { superuser: '', owner: '', bypassing: '', wrongPassword: '', nowhere: '', nowhereAdmin: '' }

async function waysIn(url: string, ownerUrl: string): Promise<Record<WayIn, string>> {
  const change = (from: string, parts: Partial<URL>) => Object.assign(new URL(from), parts).href
  const { pathname } = new URL(url)
  const superuser = change(inject('postgres').adminUrl, { pathname })
  await onPostgresAt(superuser, async (client) => {
    await client.query(
      `do $$ begin create role ${BYPASSING_ROLE}; exception when duplicate_object then null; end $$`,
    )
    await client.query(
      `alter role ${BYPASSING_ROLE} login nosuperuser bypassrls password '${BYPASSING_PASSWORD}'`,
    )
  })
  const nowhere = { host: '127.0.0.1:1' }
  return {
    superuser,
    owner: ownerUrl,
    bypassing: change(url, { username: BYPASSING_ROLE, password: BYPASSING_PASSWORD }),
    wrongPassword: change(url, { password: 'not-the-password' }),
    nowhere: change(url, nowhere),
    nowhereAdmin: change(ownerUrl, nowhere),
  }
}

async function keysIn(path: string): Promise<string[]> {
  const file = JSON.parse(await readFile(path, 'utf8')) as { keys: Record<string, { key: string }[]> }
  return Object.values(file.keys).flatMap((entries) => entries.map(({ key }) => key))
}

function passwordsIn(texts: readonly string[]): string[] {
  return texts
    .flatMap((text) => (URL.canParse(text) ? [new URL(text).password] : []))
    .filter((each) => each !== '')
}
