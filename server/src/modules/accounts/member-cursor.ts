import { type SignedCursors, TamperedCursorError } from '../../platform/crypto/signed-cursor.ts'
import { accountsErrors } from './accounts.errors.ts'
import type { UserFilter } from './user.store.ts'
import type { UserRow } from './user.table.ts'

/** Where a page of members begins: after this one, in the order of the list. */
export interface MemberPosition {
  readonly createdAt: Date
  readonly id: string
}

/** Cursors of the list of members; one opens only the list with the filter it was made for. */
export interface MemberCursors {
  after(filter: UserFilter, user: Pick<UserRow, 'created_at' | 'id'>): string
  /** Throws `accounts.cursor_invalid`. */
  read(filter: UserFilter, cursor: string): MemberPosition
}

const scopeOf = ({ status, role }: UserFilter): string => `users ${status} ${role ?? '*'}`

export function createMemberCursors(cursors: SignedCursors): MemberCursors {
  return {
    after: (filter, { created_at, id }) => cursors.encode(scopeOf(filter), [created_at.getTime(), id]),
    read(filter, cursor) {
      try {
        const [at, id] = cursors.decode(scopeOf(filter), cursor)
        return { createdAt: new Date(Number(at)), id: String(id) }
      } catch (error) {
        if (error instanceof TamperedCursorError) throw accountsErrors.cursorInvalid({}, { cause: error })
        throw error
      }
    },
  }
}
