import {
  computed,
  insertRow,
  integer,
  keysetBefore,
  ownedBy,
  type Queryable,
  type Tx,
  timestamptz,
  updateRow,
  uuid,
  value,
} from '../../../platform/db/index.ts'
import type { Position } from '../../../platform/paging/read-page.ts'
import { type UserAccountRow, userAccounts } from '../user-account.table.ts'
import { sql } from '../vault.tables.ts'

type Own = { id: string; userId: string }

export const insertAccount = insertRow(sql, userAccounts)
const update = updateRow(sql, userAccounts)

const owned = (p: { userId: string }) =>
  sql.from('user_accounts').where(ownedBy('user_accounts.user_id', p.userId))

const byId = sql.read((p: Own) => owned(p).selectAll().where('id', '=', p.id))

/** A trading account of this member. */
export function findAccount(db: Queryable, own: Own): Promise<UserAccountRow | undefined> {
  return byId.first(db, own)
}

const oldest = sql.read((p: { userId: string }) =>
  owned(p).selectAll().orderBy('created_at').orderBy('id').limit(1),
)
const oldestNamed = sql.read((p: { userId: string; name: string }) =>
  owned(p).selectAll().where('account_name', '=', p.name).orderBy('created_at').orderBy('id').limit(1),
)

/** A member's oldest trading account, of this name if one is given. */
export function findOldestAccount(
  db: Queryable,
  { userId, name }: { userId: string; name: string | undefined },
): Promise<UserAccountRow | undefined> {
  return name === undefined ? oldest.first(db, { userId }) : oldestNamed.first(db, { userId, name })
}

const page = sql.read((p: { userId: string; skip: number; limit: number }) =>
  owned(p).selectAll().orderBy('created_at', 'desc').orderBy('id', 'desc').limit(p.limit).offset(p.skip),
)

/** One page by offset, the latest first. */
export function listAccounts(
  db: Queryable,
  at: { userId: string; skip: number; limit: number },
): Promise<UserAccountRow[]> {
  return page.all(db, at)
}

const pageAfter = sql.read((p: Position & { userId: string; limit: number }) =>
  owned(p)
    .selectAll()
    .where(keysetBefore(['created_at', 'id'], [value(timestamptz(), p.createdAt), value(uuid(), p.id)]))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(p.limit),
)

/** The page after a known account, at the same cost on every page. */
export function listAccountsAfter(
  db: Queryable,
  at: Position & { userId: string; limit: number },
): Promise<UserAccountRow[]> {
  return pageAfter.all(db, at)
}

const total = sql.read((p: { userId: string }) =>
  owned(p).select((eb) => computed(eb.fn.countAll(), integer()).as('total')),
)

export async function countAccounts(db: Queryable, userId: string): Promise<number> {
  return (await total.first(db, { userId }))?.total ?? 0
}

/** Changes an account of this member, if it is there. */
export async function updateAccount(
  tx: Tx,
  { id, userId }: Own,
  patch: Partial<Pick<UserAccountRow, 'account_name' | 'is_active' | 'updated_at'>>,
): Promise<void> {
  await update(tx, { id, user_id: userId }, patch)
}

const remove = sql.write((p: Own) =>
  sql.builder
    .deleteFrom('user_accounts')
    .where('id', '=', p.id)
    .where(ownedBy('user_accounts.user_id', p.userId)),
)

/** Deletes an account of this member with every row in it; false when it is not there. */
export async function deleteAccount(tx: Tx, own: Own): Promise<boolean> {
  return (await remove.run(tx, own)) === 1
}

const removeAll = sql.write((p: { userId: string }) =>
  sql.builder.deleteFrom('user_accounts').where('user_id', '=', p.userId),
)

/** For the system: deletes every account of a member with every row in them. */
export async function deleteAccountsOf(tx: Tx, userId: string): Promise<void> {
  await removeAll.run(tx, { userId })
}
