import type { Outcome } from '@outcry/contract/vault'
import { ownedBy, type Queryable, skipLocked, type Tx, updateRow } from '../../../platform/db/index.ts'
import { type CredentialRow, userCredentials } from '../credential.table.ts'
import { sql } from '../vault.tables.ts'

const USED_COLUMNS = [
  'id',
  'user_id',
  'credential_type',
  'environment',
  'api_key',
  'secret_key',
  'key_version',
  'version',
  'is_active',
  'is_trading_enabled',
  'expires_at',
  'last_used_at',
  'last_validation',
  'rejections',
] as const

/** What using a credential must know of it. */
export type StoredKey = Pick<CredentialRow, (typeof USED_COLUMNS)[number]>

const byId = sql.read((p: { id: string; user_id: string }) =>
  sql
    .from('user_credentials')
    .select(USED_COLUMNS)
    .where('id', '=', p.id)
    .where(ownedBy('user_credentials.user_id', p.user_id))
    .where('deleted_at', 'is', null),
)

/** A member's credential with its sealed values. */
export function findStoredKey(
  db: Queryable,
  p: { id: string; user_id: string },
): Promise<StoredKey | undefined> {
  return byId.first(db, p)
}

const update = updateRow(sql, userCredentials)

type Pair = Pick<CredentialRow, 'id' | 'user_id' | 'key_version'>

/** What a use leaves behind on a row. */
export interface UseNote {
  readonly last_used_at?: Date
  readonly last_validation?: Outcome
  readonly last_validated_at?: Date
  readonly rejections?: number
}

/** Notes a use, unless the pair was replaced or destroyed meanwhile. */
export async function noteUse(tx: Tx, { id, user_id, key_version }: Pair, note: UseNote): Promise<void> {
  await update(tx, { id, user_id, key_version, deleted_at: null }, note)
}

const free = sql.read((p: { ids: readonly string[] }) =>
  sql.from('user_credentials').select('id').where('id', 'in', p.ids).modifyEnd(skipLocked()),
)

/** Locks those of these credentials that nobody else holds, and gives their ids: it waits for none. */
export async function lockFree(tx: Tx, ids: readonly string[]): Promise<ReadonlySet<string>> {
  return new Set((await free.all(tx, { ids })).map(({ id }) => id))
}

/** An outcome that is the broker's no. */
export type Rejected = 'rejected' | 'wrong_environment'

type Rejection = Pair & { readonly outcome: Rejected; readonly now: Date }

const rejected = sql.write((p: Rejection) =>
  sql.builder
    .updateTable('user_credentials')
    .set((eb) => ({
      rejections: eb('rejections', '+', 1),
      last_used_at: p.now,
      last_validation: p.outcome,
      last_validated_at: p.now,
    }))
    .where('id', '=', p.id)
    .where(ownedBy('user_credentials.user_id', p.user_id))
    .where('key_version', '=', p.key_version)
    .where('deleted_at', 'is', null)
    .returning(['rejections', 'is_active', 'version']),
)

/** Counts a rejection, and says how many there were in a row; `undefined` when the pair is not there any more. */
export function countRejection(tx: Tx, p: Rejection) {
  return rejected.first(tx, p)
}

/** Switches a credential off, if nobody changed it meanwhile; whether it did. */
export async function switchOff(
  tx: Tx,
  { id, user_id, version }: Pick<CredentialRow, 'id' | 'user_id' | 'version'>,
  now: Date,
): Promise<boolean> {
  const patch = { is_active: false, is_default: false, version: version + 1, updated_at: now }
  return (await update(tx, { id, user_id, version, is_active: true }, patch)) === 1
}
