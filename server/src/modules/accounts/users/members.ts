import type { UserRole, UserStatus } from '@outcry/contract/accounts'
import { isUuid } from '../../../platform/crypto/uuid.ts'
import { canonicalText, type Db } from '../../../platform/db/index.ts'
import type { Page, PagedList, PageQuery, ReadPage } from '../../../platform/paging/read-page.ts'
import { accountsErrors } from '../accounts.errors.ts'
import { type AccountsActor, accountsPolicy } from '../accounts.policy.ts'
import { findRelations, type Relation, STRANGER } from '../relations/relation.store.ts'
import { findUser, findUserByUsername } from './user.store.ts'
import type { UserRow } from './user.table.ts'
import { countUsers, listUsers, listUsersAfter, type UserFilter } from './user-list.store.ts'

export interface ListMembers extends PageQuery {
  readonly role?: UserRole
  readonly status?: UserStatus
}

/** A member with what they are to the one who looks. */
export interface SeenMember<User extends UserRow = UserRow> {
  readonly user: User
  readonly relation: Relation
}

export interface MembersOptions {
  readonly db: Db
  readonly readPage: ReadPage
  /** The row that an actor was authenticated with. */
  readonly rowOf: (actor: object) => UserRow | undefined
}

/** Reading members: one by id or name, all of them in pages. */
export function createMembers({ db, readPage, rowOf }: MembersOptions) {
  /** Throws `accounts.user_not_found` for nobody and for members whom the viewer may not see, alike. */
  const find = async (viewer: AccountsActor | undefined, idOrName: string): Promise<UserRow> => {
    const key = canonicalText(idOrName)
    const user = await (isUuid(key) ? findUser(db, key) : findUserByUsername(db, key))
    if (!user || !accountsPolicy.read(viewer, user)) throw accountsErrors.userNotFound()
    return user
  }

  /** Members with what each is to the viewer, in the same order. */
  const seeAs = async <User extends UserRow>(
    viewer: AccountsActor | undefined,
    rows: readonly User[],
  ): Promise<SeenMember<User>[]> => {
    if (!viewer || rows.length === 0) return rows.map((user) => ({ user, relation: STRANGER }))
    const ids = rows.map(({ id }) => id)
    const relationTo = await findRelations(db.asMember(viewer.id), viewer.id, ids)
    return rows.map((user) => ({ user, relation: relationTo(user.id) }))
  }

  return {
    find,
    seeAs,

    /** The viewer's own row: the one they were authenticated with. */
    getSelf(viewer: AccountsActor): UserRow | Promise<UserRow> {
      const user = rowOf(viewer)
      if (user) return user
      return findUser(db, viewer.id).then((found) => {
        if (!found) throw accountsErrors.userNotFound()
        return found
      })
    },

    /** One member; throws as `find` does. */
    async get(viewer: AccountsActor | undefined, idOrName: string): Promise<SeenMember> {
      const user = await find(viewer, idOrName)
      const [seen] = await seeAs(viewer, [user])
      return seen ?? { user, relation: STRANGER }
    },

    /**
     * Active members, newest first; moderators may ask for another status. Who blocks the viewer or is blocked by them is
     * left out and not counted (C75), except for moderators. Throws `accounts.cursor_invalid`.
     */
    async list(viewer: AccountsActor | undefined, query: ListMembers): Promise<Page<SeenMember>> {
      const { role, status = 'active' } = query
      const filter: UserFilter = {
        role,
        status: accountsPolicy.filterByStatus(viewer) ? status : 'active',
        viewerId: accountsPolicy.listBlocked(viewer) ? undefined : viewer?.id,
      }
      const reader = filter.viewerId === undefined ? db : db.asSystem()
      const list: PagedList<UserRow> = {
        name: `users ${filter.status} ${role ?? '*'}`,
        positionOf: (user) => ({ createdAt: user.created_at, id: user.id }),
        listFrom: (page) => listUsers(reader, filter, page),
        listAfter: (page) => listUsersAfter(reader, filter, page),
        count: () => countUsers(reader, filter),
      }
      const { items, ...page } = await readPage(list, query)
      return { items: await seeAs(viewer, items), ...page }
    },
  }
}

export type Members = ReturnType<typeof createMembers>
