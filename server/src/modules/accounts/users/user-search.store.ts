import { NIL_UUID } from '../../../platform/crypto/uuid.ts'
import {
  containsText,
  keysetBefore,
  type Queryable,
  timestamptz,
  uuid,
  value,
} from '../../../platform/db/index.ts'
import type { Position } from '../../../platform/paging/read-page.ts'
import { sql } from '../accounts.tables.ts'
import { countUnblocked, listUnblocked, type Matching } from './unblocked-users.ts'
import { type UserRow, users as userTable } from './user.table.ts'

/** Whom a search finds. */
export interface UserSearch {
  /** Part of a username or display name, taken literally. */
  readonly text: string
  /** Who searches: members whom they block, or who block them, are not found. */
  readonly viewerId: string | undefined
}

type SearchArgs = { text: string; viewerId: string }

const matching =
  (p: SearchArgs): Matching =>
  (users) =>
    users
      .where('users.status', '=', 'active')
      .where((eb) =>
        eb.or([
          containsText({ table: userTable, column: 'username_key' }, p.text),
          containsText({ table: userTable, column: 'display_name_key' }, p.text),
        ]),
      )

const viewerOf = ({ viewerId }: SearchArgs, hasViewer: boolean) => (hasViewer ? viewerId : undefined)

const found = (p: SearchArgs, hasViewer: boolean) => listUnblocked(matching(p), viewerOf(p, hasViewer))

// Note: the ids come from the search index alone, then the rows of one page from the table.
const rowsOf = () => sql.from('users').selectAll().orderBy('created_at', 'desc').orderBy('id', 'desc')

const pageQuery = (hasViewer: boolean) =>
  sql.read((p: SearchArgs & { skip: number; limit: number }) =>
    rowsOf().where('users.id', 'in', () =>
      found(p, hasViewer)
        .select('users.id')
        .orderBy('created_at', 'desc')
        .orderBy('users.id', 'desc')
        .limit(p.limit)
        .offset(p.skip),
    ),
  )

const keysetQuery = (hasViewer: boolean) =>
  sql.read((p: SearchArgs & { createdAt: Date; id: string; limit: number }) =>
    rowsOf().where('users.id', 'in', () =>
      found(p, hasViewer)
        .select('users.id')
        .where(
          keysetBefore(['created_at', 'users.id'], [value(timestamptz(), p.createdAt), value(uuid(), p.id)]),
        )
        .orderBy('created_at', 'desc')
        .orderBy('users.id', 'desc')
        .limit(p.limit),
    ),
  )

const countQuery = (hasViewer: boolean) =>
  sql.read((p: SearchArgs) => countUnblocked(matching(p), viewerOf(p, hasViewer)))

const forViewers = <Q>(make: (hasViewer: boolean) => Q) => ({ nobody: make(false), member: make(true) })
const pages = forViewers(pageQuery)
const keysets = forViewers(keysetQuery)
const counts = forViewers(countQuery)

const argsOf = ({ text, viewerId }: UserSearch): SearchArgs => ({ text, viewerId: viewerId ?? NIL_UUID })
const pick = <Q>(queries: { nobody: Q; member: Q }, { viewerId }: UserSearch): Q =>
  viewerId === undefined ? queries.nobody : queries.member

/** One page of active members by offset, newest first. `db` must read as the system: a block is known to one side alone. */
export function searchUsers(
  db: Queryable,
  search: UserSearch,
  page: { skip: number; limit: number },
): Promise<UserRow[]> {
  return pick(pages, search).all(db, { ...argsOf(search), ...page })
}

/** The page after a known member; `db` as for `searchUsers`. */
export function searchUsersAfter(
  db: Queryable,
  search: UserSearch,
  page: Position & { limit: number },
): Promise<UserRow[]> {
  return pick(keysets, search).all(db, { ...argsOf(search), ...page })
}

/** How many a search finds; `db` as for `searchUsers`. */
export async function countFoundUsers(db: Queryable, search: UserSearch): Promise<number> {
  return (await pick(counts, search).first(db, argsOf(search)))?.total ?? 0
}
