import { randomBytes } from 'node:crypto'
import { databaseLocation } from '../database-location.ts'
import { userCredentials } from '../modules/vault/credential.table.ts'
import type { UseClaims } from '../modules/vault/protocol/protocol.ts'
import type { KeyPair } from '../modules/vault/provider.ts'
import { sql } from '../modules/vault/vault.tables.ts'
import type { BrokerRequest } from '../modules/vault/vault-client.ts'
import type { VaultSupervisor } from '../modules/vault/vault-supervisor.ts'
import { auditEvents } from '../platform/audit/audit.table.ts'
import { createSql, type Dialect, type Patch, updateRow } from '../platform/db/index.ts'
import { vaultOf, vaultRunDir } from '../vault-child.ts'
import { type BrokerDouble, providersAt, startBrokerDouble } from './broker-double.ts'
import { createMember } from './factories.ts'
import type { FixedClock } from './fixed-clock.ts'
import { startTestApp, type TestApp, type TestAppOptions } from './start-test-app.ts'
import { storeCredentialRow, storedCredential } from './stored-credential.ts'

const audited = createSql(auditEvents).read((p: { id: string }) =>
  createSql(auditEvents).from('audit_events').selectAll().where('object_id', '=', p.id).orderBy('seq'),
)
const update = updateRow(sql, userCredentials)

/** A pair that no other test has, in the shape of a paper key. */
export function newPair(prefix = 'PKFAKE'): KeyPair {
  return {
    apiKey: `${prefix}${randomBytes(7).toString('hex').toUpperCase()}`,
    secretKey: `fake-secret-${randomBytes(14).toString('hex')}`,
  }
}

/** Whose credential. */
export interface Owned {
  readonly owner: string
  readonly id: string
}

/** An application with its vault and two doubles of a broker, to use credentials in. */
export async function vaultSetting(dialect: Dialect, vault: TestAppOptions['vault'] = {}) {
  const [paper, live] = [await startBrokerDouble(), await startBrokerDouble()]
  const app = await startTestApp({ dialect, vault: { providers: providersAt(paper, live), ...vault } })
  return settingOf({ app, paper, live })
}

function settingOf({ app, paper, live }: { app: TestApp; paper: BrokerDouble; live: BrokerDouble }) {
  const { platform, vaultClient: client } = app.app
  const { audit, db, newId } = platform
  return {
    ...{ app, db, client, paper, live },
    /** Stores a credential, of a new member unless an owner is given. */
    async store(traits: Partial<Parameters<typeof storeCredentialRow>[1]> = {}): Promise<Owned> {
      const owner = traits.owner ?? (await createMember(app)).id
      const place = { db, newId, client, now: app.clock.now() }
      return { owner, id: await storeCredentialRow(place, { pair: newPair(), ...traits, owner }) }
    },
    use: (
      { owner, id }: Owned,
      claims: Partial<UseClaims> = {},
      rest: Partial<BrokerRequest> & { signal?: AbortSignal } = {},
    ) => {
      const { signal, ...request } = rest
      const asked = {
        ...{
          owner,
          credential: id,
          purpose: 'positions',
          method: 'GET',
          path: '/v2/positions',
          query: '?a=b',
        },
        actor: { address: '203.0.113.9', requestId: 'r-1', tokenId: 'token-1' },
        ...claims,
      }
      return client.use(asked, { headers: {}, ...request }, signal)
    },
    row: ({ id }: Owned) => storedCredential(db, id),
    /** Writes past every check, as somebody with the database would. */
    tamper: ({ id }: Owned, patch: Patch<typeof userCredentials> & { user_id?: string }) =>
      db.withSystem((tx) => update(tx, { id }, patch)),
    /** Logs that a credential was given the pair of this version, as its rotation does. */
    rotated: ({ id }: Owned, key_version: number) =>
      db.withSystem((tx) =>
        audit.record(tx, {
          action: 'credential.rotated',
          result: 'ok',
          objectType: 'credential',
          objectId: id,
          details: { key_version },
        }),
      ),
    events: ({ id }: Owned) => audited.all(db.asSystem(), { id }),
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]()
      await paper[Symbol.asyncDispose]()
      await live[Symbol.asyncDispose]()
    },
  }
}

export type VaultSetting = Awaited<ReturnType<typeof vaultSetting>>

/** A clock that tests share with programs they start. */
const RUNNING: FixedClock = { now: () => new Date(), advance: () => undefined, set: () => undefined }

/** Settings that the vault process must not get. */
export const SERVERS_ALONE = {
  OUTCRY_DATABASE_ADMIN_URL: 'postgres://canary-admin@127.0.0.1/none',
  OUTCRY_MAIL_URL: 'smtp://canary-mail@127.0.0.1',
  OUTCRY_STORAGE_URL: 's3://canary-storage@127.0.0.1/none',
  OUTCRY_METRICS_TOKEN: 'canary-metrics',
} as const

/** The same with the vault in a process of its own, as `serve` starts it; `lines` are what it has said. */
export async function vaultProcessSetting(dialect: Dialect, program?: readonly string[]) {
  const [paper, live] = [await startBrokerDouble(), await startBrokerDouble()]
  let supervisor: VaultSupervisor | undefined
  const env = { OUTCRY_ALPACA_PAPER_URL: paper.url.origin, OUTCRY_ALPACA_LIVE_URL: live.url.origin }
  const app = await startTestApp({
    dialect,
    env,
    clock: RUNNING,
    findVault: async () => await supervisor?.find(),
  })
  const { dataDir, vaultKeysFile } = app.config
  const location = databaseLocation(app.config)
  const lines: string[] = []
  let hear: (line: string) => void = () => undefined
  const parts = {
    env: {
      ...env,
      ...SERVERS_ALONE,
      OUTCRY_DATA_DIR: dataDir,
      OUTCRY_VAULT_KEYS_FILE: vaultKeysFile,
      OUTCRY_DATABASE_URL: location.kind === 'sqlite' ? `sqlite:${location.path}` : location.url,
    },
    cwd: dataDir,
    config: app.config,
    log: app.app.platform.log,
    ...(program ? { program } : {}),
    write(line: string) {
      lines.push(line)
      hear(line)
    },
  }
  const vault = vaultOf(parts)
  supervisor = vault
  await vault.start()
  const setting = settingOf({ app, paper, live })
  return {
    ...setting,
    ...{ vault, lines, parts, runDir: vaultRunDir(app.config) },
    /** Says who hears each line from now on. */
    hearLines(listener: (line: string) => void) {
      hear = listener
    },
    async [Symbol.asyncDispose]() {
      await vault[Symbol.asyncDispose]()
      await setting[Symbol.asyncDispose]()
    },
  }
}
