import type { UserRole, UserStatus } from '@outcry/contract/accounts'
import { type SignedCursors, TamperedCursorError } from '../../platform/crypto/signed-cursor.ts'
import { isUuid } from '../../platform/crypto/uuid.ts'
import { canonicalText, type Db } from '../../platform/db/index.ts'
import { accountsErrors } from './accounts.errors.ts'
import { type AccountsActor, accountsPolicy } from './accounts.policy.ts'
import { findRelations, type Relation, STRANGER } from './relation.store.ts'
import { countUsers, findUser, findUserByUsername, listUsers, listUsersAfter } from './user.store.ts'
import type { UserRow } from './user.table.ts'

const CURSOR_SCOPE = 'users'

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

export interface MemberPage {
  readonly items: readonly SeenMember[]
  readonly limit: number
  readonly total?: number
  readonly skip?: number
  readonly next_cursor?: string | null
}

export interface MembersOptions {
  readonly db: Db
  readonly cursors: SignedCursors
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

  const readCursor = (cursor: string) => {
    try {
      const [at, id] = cursors.decode(CURSOR_SCOPE, cursor)
      return { createdAt: new Date(Number(at)), id: String(id) }
    } catch (error) {
      if (error instanceof TamperedCursorError) throw accountsErrors.cursorInvalid({}, { cause: error })
      throw error
    }
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
      const user = isUuid(idOrName)
        ? await findUser(db, idOrName)
        : await findUserByUsername(db, canonicalText(idOrName))
      if (!user || !accountsPolicy.read(viewer, user)) throw accountsErrors.userNotFound()
      const [seen] = await seeAs(viewer, [user])
      return seen ?? { user, relation: STRANGER }
    },

    /** Active members, newest first; moderators may ask for another status. */
    async list(
      viewer: AccountsActor | undefined,
      { role, status, skip, limit, cursor }: ListMembers,
    ): Promise<MemberPage> {
      const filter = {
        role,
        status: status && accountsPolicy.filterByStatus(viewer) ? status : ('active' as const),
      }
      if (cursor === undefined) {
        const [rows, total] = await Promise.all([
          listUsers(db, filter, { skip, limit }),
          countUsers(db, filter),
        ])
        return { items: await seeAs(viewer, rows), total, skip, limit, next_cursor: nextCursor(rows, limit) }
      }
      const rows = await listUsersAfter(db, filter, { ...readCursor(cursor), limit })
      return { items: await seeAs(viewer, rows), limit, next_cursor: nextCursor(rows, limit) }
    },
  }

  function nextCursor(rows: readonly UserRow[], limit: number): string | null {
    const last = rows.at(-1)
    if (!last || rows.length < limit) return null
    return cursors.encode(CURSOR_SCOPE, [last.created_at.getTime(), last.id])
  }
}
