import { NIL_UUID } from '../../../platform/crypto/uuid.ts'
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

/** Whose credentials a list shows, and which of them. */
export interface CredentialFilter {
  readonly userId: string
  readonly accountId: string | undefined
  readonly type: string | undefined
  readonly isActive: boolean | undefined
}

type Arguments = { userId: string; accountId: string; type: string; isActive: boolean }

/** Which conditions a list has beside its owner. */
interface Shape {
  readonly byAccount: boolean
  readonly byType: boolean
  readonly byActive: boolean
}

const filtered = (p: Arguments, { byAccount, byType, byActive }: Shape) =>
  sql
    .from('user_credentials')
    .where(ownedBy('user_credentials.user_id', p.userId))
    .where('deleted_at', 'is', null)
    .$if(byAccount, (query) => query.where('user_account_id', '=', p.accountId))
    .$if(byType, (query) => query.where('credential_type', '=', p.type))
    .$if(byActive, (query) => query.where('is_active', '=', p.isActive))

const statementsFor = (shape: Shape) => ({
  page: sql.read((p: Arguments & { skip: number; limit: number }) =>
    filtered(p, shape)
      .selectAll()
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(p.limit)
      .offset(p.skip),
  ),
  pageAfter: sql.read((p: Arguments & Position & { limit: number }) =>
    filtered(p, shape)
      .selectAll()
      .where(keysetBefore(['created_at', 'id'], [value(timestamptz(), p.createdAt), value(uuid(), p.id)]))
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(p.limit),
  ),
  total: sql.read((p: Arguments) =>
    filtered(p, shape).select((eb) => computed(eb.fn.countAll(), integer()).as('total')),
  ),
})

const statements = new Map<string, ReturnType<typeof statementsFor>>()

function statementsOf({ accountId, type, isActive }: CredentialFilter) {
  const shape = {
    byAccount: accountId !== undefined,
    byType: type !== undefined,
    byActive: isActive !== undefined,
  }
  const key = JSON.stringify(shape)
  const known = statements.get(key) ?? statementsFor(shape)
  statements.set(key, known)
  return known
}

const argumentsOf = ({ userId, accountId, type, isActive }: CredentialFilter): Arguments => ({
  userId,
  accountId: accountId ?? NIL_UUID,
  type: type ?? '',
  isActive: isActive ?? true,
})

/** One page by offset, the latest first. */
export function listCredentials(
  db: Queryable,
  filter: CredentialFilter,
  page: { skip: number; limit: number },
): Promise<CredentialRow[]> {
  return statementsOf(filter).page.all(db, { ...argumentsOf(filter), ...page })
}

/** The page after a known credential, at the same cost on every page. */
export function listCredentialsAfter(
  db: Queryable,
  filter: CredentialFilter,
  page: Position & { limit: number },
): Promise<CredentialRow[]> {
  return statementsOf(filter).pageAfter.all(db, { ...argumentsOf(filter), ...page })
}

export async function countListed(db: Queryable, filter: CredentialFilter): Promise<number> {
  return (await statementsOf(filter).total.first(db, argumentsOf(filter)))?.total ?? 0
}
