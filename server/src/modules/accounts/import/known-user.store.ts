import type { Queryable } from '../../../platform/db/index.ts'
import { sql } from '../accounts.tables.ts'
import { findHolders } from '../email-change/email-undo-token.store.ts'
import type { NewUser } from '../users/user.table.ts'

const knownIds = sql.read((p: { keys: string[] }) =>
  sql.from('users').select(['id', 'id as key']).where('id', 'in', p.keys),
)
const knownUsernames = sql.read((p: { keys: string[] }) =>
  sql.from('users').select(['id', 'username_key as key']).where('username_key', 'in', p.keys),
)
const knownEmails = sql.read((p: { keys: string[] }) =>
  sql.from('users').select(['id', 'email as key']).where('email', 'in', p.keys),
)
const knownPhones = sql.read((p: { keys: string[] }) =>
  sql.from('users').select(['id', 'phone_number as key']).where('phone_number', 'in', p.keys),
)

/** Who has some ids, names, addresses and telephone numbers: ids by what they have. */
export interface KnownUsers {
  readonly byId: ReadonlyMap<string | null, string>
  readonly byUsername: ReadonlyMap<string | null, string>
  readonly byEmail: ReadonlyMap<string | null, string>
  readonly byPhone: ReadonlyMap<string | null, string>
}

/** For the system: who has already what some rows to be are to have, or may have it back. */
export async function findKnownUsers(
  db: Queryable,
  rows: readonly Pick<NewUser, 'id' | 'username_key' | 'email' | 'phone_number'>[],
  now: Date,
): Promise<KnownUsers> {
  const phones = rows.flatMap(({ phone_number: phone }) => (phone ? [phone] : []))
  const emails = rows.map(({ email }) => email)
  const [byId, byUsername, byEmail, byPhone, holders] = await Promise.all([
    knownIds.all(db, { keys: rows.map(({ id }) => id) }),
    knownUsernames.all(db, { keys: rows.map(({ username_key }) => username_key) }),
    knownEmails.all(db, { keys: emails }),
    knownPhones.all(db, { keys: phones }),
    findHolders(db, { emails, now }),
  ])
  const mapOf = (found: readonly { id: string; key: string | null }[]) =>
    new Map(found.map(({ id, key }) => [key, id]))
  return {
    byId: mapOf(byId),
    byUsername: mapOf(byUsername),
    byEmail: new Map([...holders, ...mapOf(byEmail)]),
    byPhone: mapOf(byPhone),
  }
}
