import type { UserRole, UserStatus } from '@outcry/contract/accounts'
import { NIL_UUID } from '../../../platform/crypto/uuid.ts'
import { keysetBefore, type Queryable, timestamptz, uuid, value } from '../../../platform/db/index.ts'
import type { Position } from '../../../platform/paging/read-page.ts'
import { sql } from '../accounts.tables.ts'
import { countUnblocked, listUnblocked, type Matching } from './unblocked-users.ts'
import type { UserRow } from './user.table.ts'

/** Which members a list shows; deleted ones never. */
export interface UserFilter {
  readonly status: UserStatus
  readonly role: UserRole | undefined
  /** From whom members are kept whom they block or who block them. */
  readonly viewerId: string | undefined
}

type FilterArgs = { status: UserStatus; role: UserRole; viewerId: string }

/** Which conditions a list has beside the status. Deleted members are inactive, so no other list asks for them. */
interface FilterShape {
  readonly hasRole: boolean
  readonly hasViewer: boolean
  readonly mayHoldDeleted: boolean
}

const matching =
  (p: FilterArgs, { hasRole, mayHoldDeleted }: FilterShape): Matching =>
  (users) => {
    const all = users.where('users.status', '=', p.status)
    const living = mayHoldDeleted ? all.where('users.deleted_at', 'is', null) : all
    return hasRole ? living.where('users.role', '=', p.role) : living
  }

const viewerOf = ({ viewerId }: FilterArgs, { hasViewer }: FilterShape) => (hasViewer ? viewerId : undefined)

const listed = (p: FilterArgs, shape: FilterShape) => listUnblocked(matching(p, shape), viewerOf(p, shape))

const pageQuery = (shape: FilterShape) =>
  sql.read((p: FilterArgs & { skip: number; limit: number }) =>
    listed(p, shape)
      .selectAll()
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(p.limit)
      .offset(p.skip),
  )

const keysetQuery = (shape: FilterShape) =>
  sql.read((p: FilterArgs & { createdAt: Date; id: string; limit: number }) =>
    listed(p, shape)
      .selectAll()
      .where(keysetBefore(['created_at', 'id'], [value(timestamptz(), p.createdAt), value(uuid(), p.id)]))
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(p.limit),
  )

const countQuery = (shape: FilterShape) =>
  sql.read((p: FilterArgs) => countUnblocked(matching(p, shape), viewerOf(p, shape)))

function forFilters<Q>(make: (shape: FilterShape) => Q): (filter: UserFilter) => Q {
  const shapes = (shape: Omit<FilterShape, 'hasRole'>) => ({
    all: make({ ...shape, hasRole: false }),
    byRole: make({ ...shape, hasRole: true }),
  })
  const forViewers = (mayHoldDeleted: boolean) => ({
    nobody: shapes({ mayHoldDeleted, hasViewer: false }),
    member: shapes({ mayHoldDeleted, hasViewer: true }),
  })
  const [plain, living] = [forViewers(false), forViewers(true)]
  return ({ status, role, viewerId }) =>
    (status === 'inactive' ? living : plain)[viewerId === undefined ? 'nobody' : 'member'][
      role ? 'byRole' : 'all'
    ]
}

const pages = forFilters(pageQuery)
const keysets = forFilters(keysetQuery)
const counts = forFilters(countQuery)

const argsOf = ({ status, role, viewerId }: UserFilter): FilterArgs => ({
  status,
  role: role ?? 'user',
  viewerId: viewerId ?? NIL_UUID,
})

/** One page by offset, newest first. With a viewer `db` must read as the system: a block is known to one side alone. */
export function listUsers(
  db: Queryable,
  filter: UserFilter,
  page: { skip: number; limit: number },
): Promise<UserRow[]> {
  return pages(filter).all(db, { ...argsOf(filter), ...page })
}

/** The page after a known member, newest first, at the same cost on every page; `db` as for `listUsers`. */
export function listUsersAfter(
  db: Queryable,
  filter: UserFilter,
  page: Position & { limit: number },
): Promise<UserRow[]> {
  return keysets(filter).all(db, { ...argsOf(filter), ...page })
}

/** How many a list shows; `db` as for `listUsers`. */
export async function countUsers(db: Queryable, filter: UserFilter): Promise<number> {
  return (await counts(filter).first(db, argsOf(filter)))?.total ?? 0
}
