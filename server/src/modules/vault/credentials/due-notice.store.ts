import { ownedBy, type Queryable, type Tx } from '../../../platform/db/index.ts'
import { type CredentialRow, REJECTIONS_MAX } from '../credential.table.ts'
import { sql } from '../vault.tables.ts'

const TOLD_COLUMNS = ['id', 'user_id', 'nickname', 'credential_type', 'expires_at'] as const

/** A credential of which something is to be told. */
export type DueCredential = Pick<CredentialRow, (typeof TOLD_COLUMNS)[number]>

type Due = { before: Date; days: number }

const due = sql.read((p: Due & { limit: number }) =>
  sql
    .from('user_credentials')
    .select(TOLD_COLUMNS)
    .where('expires_at', 'is not', null)
    .where('deleted_at', 'is', null)
    .where('expires_at', '<=', p.before)
    .where('is_active', '=', true)
    .where((eb) => eb.or([eb('expiry_notice', 'is', null), eb('expiry_notice', '>', p.days)]))
    .orderBy('expires_at')
    .limit(p.limit),
)

/** For the system: whose expiry lies before and was not told of at so many days or fewer. */
export function listDueExpiries(db: Queryable, at: Due & { limit: number }): Promise<DueCredential[]> {
  return due.all(db, at)
}

const noteExpiry = sql.write((p: Due & { id: string; userId: string }) =>
  sql.builder
    .updateTable('user_credentials')
    .set({ expiry_notice: p.days })
    .where('id', '=', p.id)
    .where(ownedBy('user_credentials.user_id', p.userId))
    .where('deleted_at', 'is', null)
    .where('expires_at', '<=', p.before)
    .where('is_active', '=', true)
    .where((eb) => eb.or([eb('expiry_notice', 'is', null), eb('expiry_notice', '>', p.days)])),
)

/** Takes it upon this transaction to tell of an expiry; false when another has, or there is nothing to tell any more. */
export async function takeExpiryNotice(
  tx: Tx,
  { id, user_id: userId }: Pick<DueCredential, 'id' | 'user_id'>,
  at: Due,
): Promise<boolean> {
  return (await noteExpiry.run(tx, { id, userId, ...at })) === 1
}

const rejected = sql.read((p: { limit: number }) =>
  sql
    .from('user_credentials')
    .select(TOLD_COLUMNS)
    .where((eb) => eb('rejections', '>=', eb.lit(REJECTIONS_MAX)))
    .where('is_active', '=', false)
    .where('deleted_at', 'is', null)
    .limit(p.limit),
)

/** For the system: what was switched off after rejections, and not told of yet. */
export function listSwitchedOff(db: Queryable, limit: number): Promise<DueCredential[]> {
  return rejected.all(db, { limit })
}

const settle = sql.write((p: { id: string; userId: string }) =>
  sql.builder
    .updateTable('user_credentials')
    .set({ rejections: 0 })
    .where('id', '=', p.id)
    .where(ownedBy('user_credentials.user_id', p.userId))
    .where((eb) => eb('rejections', '>=', eb.lit(REJECTIONS_MAX)))
    .where('is_active', '=', false)
    .where('deleted_at', 'is', null),
)

/** Takes it upon this transaction to tell that a credential was switched off; false when another has. */
export async function takeSwitchedOff(
  tx: Tx,
  { id, user_id: userId }: Pick<DueCredential, 'id' | 'user_id'>,
): Promise<boolean> {
  return (await settle.run(tx, { id, userId })) === 1
}
