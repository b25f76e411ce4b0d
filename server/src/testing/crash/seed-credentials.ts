import { randomBytes } from 'node:crypto'
import { loadConfig } from '../../config/config.ts'
import { type CredentialRow, userCredentials } from '../../modules/vault/credential.table.ts'
import { keyBinding, type PairPlace } from '../../modules/vault/process/key-binding.ts'
import { readVaultKeyRing } from '../../modules/vault/process/vault-key-ring.ts'
import { userAccounts } from '../../modules/vault/user-account.table.ts'
import { sql } from '../../modules/vault/vault.tables.ts'
import { systemClock } from '../../platform/clock.ts'
import { createSealer, type SealBinding, type Sealer } from '../../platform/crypto/sealed.ts'
import { createUuidv7 } from '../../platform/crypto/uuid.ts'
import { type Db, insertRow } from '../../platform/db/index.ts'

const BATCH = 1_000
const NOBODY = '00000000-0000-0000-0000-000000000000'
const insertAccount = insertRow(sql, userAccounts)
const insertCredential = insertRow(sql, userCredentials)
const allCredentials = sql.read((p: { after: string; limit: number }) =>
  sql.from('user_credentials').selectAll().where('id', '>', p.after).orderBy('id').limit(p.limit),
)
const newId = createUuidv7(systemClock)

const pairOf = (id: string) => {
  const unique = id.replaceAll('-', '').toUpperCase()
  return { api_key: `PKFAKE${unique.slice(-14)}`, secret_key: `fake-secret-${unique}` }
}

/** Who gets credentials, where, and how many. */
export interface SeedCredentials {
  readonly env: Readonly<Record<string, string>>
  readonly db: Db
  readonly owner: string
  readonly count: number
}

function newCredential(sealer: Sealer, owner: string, account: string) {
  const now = systemClock.now()
  const id = newId()
  const pair = pairOf(id)
  const place: PairPlace = {
    ...{ id, user_id: owner, credential_type: 'alpaca_paper' },
    environment: 'paper',
    key_version: 1,
  }
  return {
    ...place,
    ...{ user_account_id: account, created_at: now, updated_at: now },
    api_key: sealer.seal(keyBinding('api_key', place), pair.api_key),
    secret_key: sealer.seal(keyBinding('secret_key', place), pair.secret_key),
    fingerprint: new Uint8Array(randomBytes(32)),
    key_hint: pair.api_key.slice(-4),
    nickname: 'seeded',
  }
}

/** Stores paper keys that the broker's double accepts, all of one member, past the limits; gives their ids. */
export async function seedCredentials({ env, db, owner, count }: SeedCredentials): Promise<string[]> {
  const ring = await readVaultKeyRing(loadConfig(env).vaultKeysFile)
  const sealer = createSealer(ring.credentialEncryption)
  const account = newId()
  const now = systemClock.now()
  const times = { created_at: now, updated_at: now }
  await db.withSystem((tx) =>
    insertAccount(tx, { id: account, user_id: owner, account_name: 'Seeded', ...times }),
  )
  const ids: string[] = []
  for (let from = 0; from < count; from += BATCH) {
    const rows = Array.from({ length: Math.min(BATCH, count - from) }, () =>
      newCredential(sealer, owner, account),
    )
    await db.withSystem((tx) => Promise.all(rows.map((row) => insertCredential(tx, row))))
    ids.push(...rows.map(({ id }) => id))
  }
  return ids
}

/** What an inspection of sealed values found. */
export interface Inspected {
  /** The key that seals, and every key of the ring. */
  readonly current: string
  readonly known: readonly string[]
  /** How many values each key seals. */
  readonly under: Record<string, number>
  /** What does not open, or to something else. */
  readonly wrong: string[]
}

/** Opens a value and notes the key it is under. */
export function inspectValue(
  { under, wrong }: Inspected,
  sealer: Sealer,
  value: {
    readonly sealed: Uint8Array
    readonly binding: SealBinding
    readonly expected: string | undefined
  },
): void {
  const { sealed, binding, expected } = value
  const place = `${binding.field} of ${binding.record}`
  try {
    const keyId = sealer.keyIdOf(sealed)
    under[keyId] = (under[keyId] ?? 0) + 1
    const opened = Buffer.from(sealer.open(binding, sealed)).toString()
    if (expected !== undefined && opened !== expected) wrong.push(`${place} is another's`)
  } catch (error) {
    wrong.push(`${place}: ${String(error)}`)
  }
}

/** Opens every stored pair with the ring in the vault's file. */
export async function inspectCredentials({
  env,
  db,
}: Pick<SeedCredentials, 'env' | 'db'>): Promise<Inspected> {
  const { credentialEncryption: keys } = await readVaultKeyRing(loadConfig(env).vaultKeysFile)
  const sealer = createSealer(keys)
  const found: Inspected = { current: keys.current.id, known: [...keys.byId.keys()], under: {}, wrong: [] }
  let after: string | undefined = NOBODY
  while (after !== undefined) {
    const rows: CredentialRow[] = await allCredentials.all(db.asSystem(), { after, limit: BATCH })
    for (const row of rows) {
      for (const half of ['api_key', 'secret_key'] as const) {
        const expected = row.nickname === 'seeded' ? pairOf(row.id)[half] : undefined
        inspectValue(found, sealer, {
          sealed: row[half] ?? new Uint8Array(),
          binding: keyBinding(half, row),
          expected,
        })
      }
    }
    after = rows.at(-1)?.id
  }
  return found
}
