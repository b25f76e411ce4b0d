import {
  computed,
  integer,
  keysetBefore,
  ownedBy,
  type Queryable,
  timestamptz,
  uuid,
  value,
} from '../../../platform/db/index.ts'
import type { Position } from '../../../platform/paging/read-page.ts'
import type { CredentialRow } from '../credential.table.ts'
import { sql } from '../vault.tables.ts'

/** What is left of a credential that is deleted. */
export type DeletedCredential = CredentialRow & { readonly deleted_at: Date }

const deleted = (p: { userId: string }) =>
  sql
    .from('user_credentials')
    .where(ownedBy('user_credentials.user_id', p.userId))
    .where('deleted_at', 'is not', null)

const page = sql.read((p: { userId: string; skip: number; limit: number }) =>
  deleted(p).selectAll().orderBy('deleted_at', 'desc').orderBy('id', 'desc').limit(p.limit).offset(p.skip),
)
const pageAfter = sql.read((p: Position & { userId: string; limit: number }) =>
  deleted(p)
    .selectAll()
    .where(keysetBefore(['deleted_at', 'id'], [value(timestamptz(), p.createdAt), value(uuid(), p.id)]))
    .orderBy('deleted_at', 'desc')
    .orderBy('id', 'desc')
    .limit(p.limit),
)
const total = sql.read((p: { userId: string; most: number }) =>
  sql.builder
    .selectFrom(deleted(p).select('id').limit(p.most).as('counted'))
    .select((eb) => computed(eb.fn.countAll(), integer()).as('total')),
)

const isDeleted = (row: CredentialRow): row is DeletedCredential => row.deleted_at !== null

/** One page by offset of what a member has deleted, the latest first. */
export async function listDeleted(
  db: Queryable,
  at: { userId: string; skip: number; limit: number },
): Promise<DeletedCredential[]> {
  return (await page.all(db, at)).filter(isDeleted)
}

/** The page after a known one, by the moment of its deletion; at the same cost on every page. */
export async function listDeletedAfter(
  db: Queryable,
  at: Position & { userId: string; limit: number },
): Promise<DeletedCredential[]> {
  return (await pageAfter.all(db, at)).filter(isDeleted)
}

/** How many there are, counted no further than `most`: what was deleted is kept for as long as its trading account. */
export async function countDeleted(
  db: Queryable,
  of: { readonly userId: string; readonly most: number },
): Promise<number> {
  return (await total.first(db, of))?.total ?? 0
}
