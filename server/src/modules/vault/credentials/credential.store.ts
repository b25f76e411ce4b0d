import type { Outcome } from '@outcry/contract/vault'
import {
  computed,
  insertRow,
  integer,
  lockRows,
  ownedBy,
  type Patch,
  type Queryable,
  type Tx,
  updateRow,
} from '../../../platform/db/index.ts'
import { type CredentialRow, userCredentials } from '../credential.table.ts'
import { sql } from '../vault.tables.ts'

type Own = { id: string; userId: string }

/** Adds a credential. Throws a unique violation on `fingerprint` when the member has stored this very pair already. */
export const insertCredential = insertRow(sql, userCredentials)
const update = updateRow(sql, userCredentials)

const everStored = (p: { userId: string }) =>
  sql.from('user_credentials').where(ownedBy('user_credentials.user_id', p.userId))
const stored = (p: { userId: string }) => everStored(p).where('deleted_at', 'is', null)

const byId = sql.read((p: Own) => stored(p).selectAll().where('id', '=', p.id))
const lock = sql.read((p: Own) => stored(p).selectAll().where('id', '=', p.id).modifyEnd(lockRows()))

/** A credential of this member that is not deleted. */
export function findCredential(db: Queryable, own: Own): Promise<CredentialRow | undefined> {
  return byId.first(db, own)
}

const everById = sql.read((p: Own) => everStored(p).selectAll().where('id', '=', p.id))

/** A credential of this member, or what is left of it when it is deleted. */
export function findCredentialEver(db: Queryable, own: Own): Promise<CredentialRow | undefined> {
  return everById.first(db, own)
}

/** A credential that is not deleted as it is now, held until the transaction ends. */
export function lockCredential(tx: Tx, own: Own): Promise<CredentialRow | undefined> {
  return lock.first(tx, own)
}

const lockBoth = sql.read((p: Own) =>
  stored(p)
    .selectAll()
    .where((eb) =>
      eb.or([
        eb('id', '=', p.id),
        eb('is_default', '=', true).and(
          'user_account_id',
          '=',
          eb
            .selectFrom('user_credentials as wanted')
            .select('wanted.user_account_id')
            .where('wanted.id', '=', p.id)
            .where(ownedBy('wanted.user_id', p.userId)),
        ),
      ]),
    )
    .orderBy('id')
    .modifyEnd(lockRows()),
)

/** The same, for making it the default: holds the default of its account too, in the order in which everybody waits for rows. */
export async function lockWithDefault(tx: Tx, own: Own): Promise<CredentialRow | undefined> {
  return (await lockBoth.all(tx, own)).find(({ id }) => id === own.id)
}

const total = sql.read((p: { userId: string }) =>
  stored(p).select((eb) => computed(eb.fn.countAll(), integer()).as('total')),
)

/** How many a member has stored, in all accounts. */
export async function countCredentials(db: Queryable, userId: string): Promise<number> {
  return (await total.first(db, { userId }))?.total ?? 0
}

const twin = sql.read((p: { userId: string; fingerprint: Uint8Array }) =>
  stored(p).select('id').where('fingerprint', '=', p.fingerprint),
)

/** Whether the pair of this row is stored for its owner already. */
export async function isPairStored(
  db: Queryable,
  { user_id: userId, fingerprint }: Pick<CredentialRow, 'user_id' | 'fingerprint'>,
): Promise<boolean> {
  return fingerprint !== null && (await twin.first(db, { userId, fingerprint })) !== undefined
}

const inAccount = sql.read((p: { userId: string; accountId: string }) =>
  stored(p).selectAll().where('user_account_id', '=', p.accountId),
)

/** Every credential of one account of a member. */
export function listCredentialsIn(
  db: Queryable,
  of: { userId: string; accountId: string },
): Promise<CredentialRow[]> {
  return inAccount.all(db, of)
}

const ofMember = sql.read((p: { userId: string }) => stored(p).selectAll())

/** Every credential of a member. */
export function listCredentialsOf(db: Queryable, userId: string): Promise<CredentialRow[]> {
  return ofMember.all(db, { userId })
}

/** Changes a credential that is still at this version, and counts the version up; false when it is not, or is deleted. */
export async function changeCredential(
  tx: Tx,
  { id, user_id, version }: Pick<CredentialRow, 'id' | 'user_id' | 'version'>,
  patch: Patch<typeof userCredentials>,
): Promise<boolean> {
  const changed = { ...patch, version: version + 1 }
  return (await update(tx, { id, user_id, version, deleted_at: null }, changed)) === 1
}

const clearDefault = sql.write((p: { userId: string; accountId: string; exceptId: string; now: Date }) =>
  sql.builder
    .updateTable('user_credentials')
    .set((eb) => ({ is_default: false, version: eb('version', '+', 1), updated_at: p.now }))
    .where(ownedBy('user_credentials.user_id', p.userId))
    .where('user_account_id', '=', p.accountId)
    .where('is_default', '=', true)
    .where('id', '<>', p.exceptId),
)

/** Makes room for another default of an account. */
export async function clearOtherDefault(
  tx: Tx,
  { id, user_id, user_account_id }: Pick<CredentialRow, 'id' | 'user_id' | 'user_account_id'>,
  now: Date,
): Promise<void> {
  await clearDefault.run(tx, { userId: user_id, accountId: user_account_id, exceptId: id, now })
}

/** Notes what the broker made of a pair that was tried, unless it was replaced or deleted meanwhile. */
export async function noteValidation(
  tx: Tx,
  { id, user_id, key_version }: Pick<CredentialRow, 'id' | 'user_id' | 'key_version'>,
  { now, outcome }: { now: Date; outcome: Outcome },
): Promise<void> {
  const note = { last_validated_at: now, last_validation: outcome }
  await update(tx, { id, user_id, key_version, deleted_at: null }, note)
}
