import type { Audit } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import { type Db, isUniqueViolation, type Queryable, type Tx } from '../../../platform/db/index.ts'
import { aboutUser } from '../accounts.audit.ts'
import { isAtLeast } from '../accounts.policy.ts'
import { AddressHeldError, assertNotHeld } from '../email-change/email-undo-token.store.ts'
import type { Passwords } from '../passwords/password.ts'
import { insertUser } from '../users/user.store.ts'
import { findKnownUsers, type KnownUsers } from './known-user.store.ts'
import type { MemberLine } from './member-line.ts'
import { type MemberToAdd, readMember } from './read-member.ts'

/** What must be a member's alone. */
export type UniqueField = 'username' | 'email' | 'phone_number'

/** How a member of a file stands to those who are here: not here, here already, or somebody else has what is theirs. */
export type Standing = 'new' | 'there' | { readonly taken: UniqueField }

/** What became of some members: `taken` is not empty exactly when nothing was written. */
export interface AddedMembers {
  readonly added: number
  readonly there: number
  readonly taken: readonly { readonly line: number; readonly field: UniqueField }[]
}

/** Bringing members over from another platform. */
export interface MemberImport {
  /** The row that a checked line becomes; see `readMember` for what it throws. */
  read(line: MemberLine, at: number, options: { readonly keepsRoles: boolean }): MemberToAdd
  /** How they stand, in the same order. Writes nothing. */
  standings(members: readonly MemberToAdd[]): Promise<Standing[]>
  /** Adds in one transaction those who are new, with an audit entry, or nobody when anything of theirs is taken. */
  add(members: readonly MemberToAdd[]): Promise<AddedMembers>
}

export interface MemberImportOptions {
  readonly db: Db
  readonly clock: Clock
  readonly newId: () => string
  readonly passwords: Pick<Passwords, 'adopt'>
  readonly audit: Audit
}

function standingIn(known: KnownUsers, { row }: MemberToAdd): Standing {
  const named = known.byUsername.get(row.username_key)
  const addressed = known.byEmail.get(row.email)
  const isSame = named !== undefined && named === addressed
  if (known.byId.has(row.id) || isSame) return 'there'
  if (named !== undefined) return { taken: 'username' }
  if (addressed !== undefined) return { taken: 'email' }
  return known.byPhone.has(row.phone_number ?? '') ? { taken: 'phone_number' } : 'new'
}

export function createMemberImport(options: MemberImportOptions): MemberImport {
  const { db, clock, newId, passwords, audit } = options

  const standingsOn = async (on: Queryable, members: readonly MemberToAdd[]): Promise<Standing[]> => {
    const known = await findKnownUsers(
      on,
      members.map(({ row }) => row),
      clock.now(),
    )
    return members.map((member) => standingIn(known, member))
  }

  const record = async (tx: Tx, fresh: readonly MemberToAdd[]) => {
    const action = 'account.imported_by_operator'
    for (const { row } of fresh) {
      const { id, role = 'user', status = null } = row
      if (!isAtLeast(role, 'moderator')) continue
      await audit.record(tx, { action, result: 'ok', ...aboutUser(id), details: { role, status } })
    }
    const [first, last] = [fresh[0], fresh.at(-1)]
    if (!first || !last) return
    const details = { members: fresh.length, from_line: first.line, to_line: last.line }
    await audit.record(tx, { action, result: 'ok', details })
  }

  const addIn = async (tx: Tx, members: readonly MemberToAdd[]): Promise<AddedMembers> => {
    const standings = await standingsOn(tx, members)
    const taken = members.flatMap(({ line }, i) => {
      const standing = standings[i]
      return typeof standing === 'object' ? [{ line, field: standing.taken }] : []
    })
    if (taken.length > 0) return { added: 0, there: 0, taken }
    const fresh = members.filter((_member, i) => standings[i] === 'new')
    await Promise.all(fresh.map(({ row }) => insertUser(tx, row)))
    const emails = fresh.map(({ row }) => row.email)
    await assertNotHeld(tx, { emails, now: clock.now() })
    await record(tx, fresh)
    return { added: fresh.length, there: members.length - fresh.length, taken }
  }

  return {
    read: (line, at, { keepsRoles }) =>
      readMember(line, at, { passwords, now: clock.now(), newId, keepsRoles }),
    standings: (members) => standingsOn(db.asSystem(), members),
    async add(members) {
      const add = () => db.withSystem((tx) => addIn(tx, members))
      try {
        return await add()
      } catch (error) {
        // Note: somebody joined with one of these names, or left one of these addresses, in between; now it shows whose it is.
        if (!(error instanceof AddressHeldError) && !isUniqueViolation(error)) throw error
        return add()
      }
    },
  }
}
