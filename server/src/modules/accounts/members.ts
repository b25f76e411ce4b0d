import type { UserRole, UserStatus } from '@outcry/contract/accounts'
import { isUuid } from '../../platform/crypto/uuid.ts'
import { canonicalText, type Db } from '../../platform/db/index.ts'
import { accountsErrors } from './accounts.errors.ts'
import { type AccountsActor, accountsPolicy } from './accounts.policy.ts'
import type { MemberCursors } from './member-cursor.ts'
import { findRelations, type Relation, STRANGER } from './relations/relation.store.ts'
import {
  countUsers,
  findUser,
  findUserByUsername,
  listUsers,
  listUsersAfter,
  type UserFilter,
} from './user.store.ts'
import type { UserRow } from './user.table.ts'

export interface ListMembers {
  readonly role?: UserRole
  readonly status?: UserStatus
  readonly skip: number
  readonly limit: number
  readonly cursor?: string
}

/** A member with what they are to the one who looks. */
export interface SeenMember {
  readonly user: UserRow
  readonly relation: Relation
}

/** One page, newest first; `total` and `skip` unless a cursor led here. */
export interface MemberPage {
  readonly items: readonly SeenMember[]
  readonly limit: number
  readonly total?: number
  readonly skip?: number
  readonly next_cursor: string | null
}

export interface MembersOptions {
  readonly db: Db
  readonly cursors: MemberCursors
  /** The row that an actor was authenticated with. */
  readonly rowOf: (actor: object) => UserRow | undefined
}

/** Reading members: one by id or name, all of them in pages. */
export function createMembers({ db, cursors, rowOf }: MembersOptions) {
  const seeAs = async (
    viewer: AccountsActor | undefined,
    rows: readonly UserRow[],
  ): Promise<SeenMember[]> => {
    if (!viewer || rows.length === 0) return rows.map((user) => ({ user, relation: STRANGER }))
    const ids = rows.map(({ id }) => id)
    const relationTo = await findRelations(db.asMember(viewer.id), viewer.id, ids)
    return rows.map((user) => ({ user, relation: relationTo(user.id) }))
  }

  const readRows = (filter: UserFilter, { skip, limit, cursor }: ListMembers): Promise<UserRow[]> => {
    if (cursor === undefined) return listUsers(db, filter, { skip, limit })
    return listUsersAfter(db, filter, { ...cursors.read(filter, cursor), limit })
  }

  return {
    /** The viewer's own row: the one they were authenticated with. */
    async getSelf(viewer: AccountsActor): Promise<UserRow> {
      const user = rowOf(viewer) ?? (await findUser(db, viewer.id))
      if (!user) throw accountsErrors.userNotFound()
      return user
    },

    /** Throws `accounts.user_not_found` for nobody and for members whom the viewer may not see, alike. */
    async get(viewer: AccountsActor | undefined, idOrName: string): Promise<SeenMember> {
      const key = canonicalText(idOrName)
      const user = await (isUuid(key) ? findUser(db, key) : findUserByUsername(db, key))
      if (!user || !accountsPolicy.read(viewer, user)) throw accountsErrors.userNotFound()
      const [seen] = await seeAs(viewer, [user])
      return seen ?? { user, relation: STRANGER }
    },

    /** Active members, newest first; moderators may ask for another status. Throws `accounts.cursor_invalid`. */
    async list(viewer: AccountsActor | undefined, query: ListMembers): Promise<MemberPage> {
      const { role, status = 'active', skip, limit } = query
      const filter = { role, status: accountsPolicy.filterByStatus(viewer) ? status : ('active' as const) }
      // Note: one row more than asked for tells whether there is a page behind this one.
      const rows = await readRows(filter, { ...query, limit: limit + 1 })
      const page = rows.slice(0, limit)
      const last = rows.length > limit ? page.at(-1) : undefined
      const items = await seeAs(viewer, page)
      const next_cursor = last ? cursors.after(filter, last) : null
      if (query.cursor !== undefined) return { items, limit, next_cursor }
      return { items, total: await countUsers(db, filter), skip, limit, next_cursor }
    },
  }
}
