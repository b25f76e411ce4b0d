import { canonicalText, type Db } from '../../../platform/db/index.ts'
import type { Page, PagedList, PageQuery, ReadPage } from '../../../platform/paging/read-page.ts'
import type { AccountsActor } from '../accounts.policy.ts'
import type { Members, SeenMember } from './members.ts'
import type { UserRow } from './user.table.ts'
import { countFoundUsers, searchUsers, searchUsersAfter, type UserSearch } from './user-search.store.ts'

export interface SearchQuery extends PageQuery {
  /** Part of a username or display name. */
  readonly q: string
}

export interface SearchMembersOptions {
  readonly db: Db
  readonly readPage: ReadPage
  readonly members: Pick<Members, 'seeAs'>
}

/**
 * Finding active members by a part of their name, newest first. Who blocks the viewer or is blocked by them is not found,
 * nor counted (C75). Throws `accounts.cursor_invalid`.
 */
export function createSearchMembers({ db, readPage, members }: SearchMembersOptions) {
  return async (viewer: AccountsActor | undefined, query: SearchQuery): Promise<Page<SeenMember>> => {
    const text = canonicalText(query.q)
    const search: UserSearch = { text, viewerId: viewer?.id }
    const system = db.asSystem()
    const list: PagedList<UserRow> = {
      name: `users search ${text}`,
      positionOf: (user) => ({ createdAt: user.created_at, id: user.id }),
      listFrom: (page) => searchUsers(system, search, page),
      listAfter: (page) => searchUsersAfter(system, search, page),
      count: () => countFoundUsers(system, search),
    }
    const { items, ...page } = await readPage(list, query)
    return { items: await members.seeAs(viewer, items), ...page }
  }
}
