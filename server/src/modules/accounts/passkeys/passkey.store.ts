import { insertRow, ownedBy, type Queryable, type Tx, updateRow } from '../../../platform/db/index.ts'
import { sql } from '../accounts.tables.ts'
import { type PasskeyRow, passkeys } from './passkey.table.ts'

/** Adds a passkey. Throws a unique violation on `credential_id`, whoever has it. */
export const insertPasskey = insertRow(sql, passkeys)

const update = updateRow(sql, passkeys)

const oldestFirst = () => sql.from('passkeys').selectAll().orderBy('created_at').orderBy('id')

const ownPasskeys = sql.read((p: { userId: string }) =>
  oldestFirst().where(ownedBy('passkeys.user_id', p.userId)),
)

/** A member's own passkeys, the oldest first. */
export function listOwnPasskeys(db: Queryable, userId: string): Promise<PasskeyRow[]> {
  return ownPasskeys.all(db, { userId })
}

const passkeysOfUser = sql.read((p: { userId: string }) => oldestFirst().where('user_id', '=', p.userId))

/** For the system: the passkeys of a member, the oldest first. */
export function listPasskeysOf(tx: Tx, userId: string): Promise<PasskeyRow[]> {
  return passkeysOfUser.all(tx, { userId })
}

const byCredential = sql.read((p: { credentialId: Uint8Array }) =>
  sql.from('passkeys').selectAll().where('credential_id', '=', p.credentialId),
)

/** For the system: the passkey that an answer names. */
export function findPasskeyByCredential(tx: Tx, credentialId: Uint8Array): Promise<PasskeyRow | undefined> {
  return byCredential.first(tx, { credentialId })
}

type Own = Pick<PasskeyRow, 'id' | 'user_id'>

const rename = sql.write((p: Own & { name: string; now: Date }) =>
  sql.builder
    .updateTable('passkeys')
    .set({ name: p.name, updated_at: p.now })
    .where('id', '=', p.id)
    .where(ownedBy('passkeys.user_id', p.user_id))
    .returningAll(),
)

/** Renames a member's own passkey; `undefined` when they have no such passkey. */
export function renamePasskey(
  tx: Tx,
  passkey: Own & { name: string; now: Date },
): Promise<PasskeyRow | undefined> {
  return rename.first(tx, passkey)
}

const remove = sql.write((p: Own) =>
  sql.builder.deleteFrom('passkeys').where('id', '=', p.id).where('user_id', '=', p.user_id),
)

/** For the system: takes a passkey from a member. */
export async function deletePasskey(tx: Tx, { id, user_id }: Own): Promise<void> {
  await remove.run(tx, { id, user_id })
}

const removeSince = sql.write((p: { userId: string; since: Date }) =>
  sql.builder.deleteFrom('passkeys').where('user_id', '=', p.userId).where('created_at', '>=', p.since),
)

/** For the system: takes the passkeys from a member that were added from a moment on. */
export async function deletePasskeysSince(tx: Tx, added: { userId: string; since: Date }): Promise<void> {
  await removeSince.run(tx, added)
}

type Use = Required<Pick<PasskeyRow, 'sign_count' | 'is_backed_up' | 'updated_at'>> & {
  readonly last_used_at: Date
}

/** For the system: notes a use, unless the passkey is gone, flagged or was used meanwhile; false then. */
export async function recordPasskeyUse(
  tx: Tx,
  { id, sign_count: seen }: Pick<PasskeyRow, 'id' | 'sign_count'>,
  use: Use,
): Promise<boolean> {
  return (await update(tx, { id, sign_count: seen, flagged_at: null }, use)) === 1
}

/** For the system: notes that a passkey may have been copied. Its counter stays as it was. */
export async function flagPasskey(tx: Tx, id: string, now: Date): Promise<void> {
  await update(tx, { id, flagged_at: null }, { flagged_at: now, updated_at: now })
}
