import {
  boolean,
  canonical,
  createSql,
  type Db,
  defineTable,
  index,
  insertRow,
  keysetBefore,
  type Row,
  text,
  timestamptz,
  unique,
  uuid,
  value,
} from '../../../server/src/platform/db/index.ts'
import { idOf, scramble } from '../posts/post-factory.ts'

/** Accounts as a sign-in and a member list need them. */
export const members = defineTable(
  'members',
  {
    id: uuid().primaryKey(),
    email: canonical(255),
    username: canonical(50),
    display_name: text(100),
    password_hash: text(200),
    is_verified: boolean(),
    created_at: timestamptz(),
  },
  {
    access: { kind: 'shared', owner: 'id' },
    indexes: [unique('email'), unique('username'), index('created_at', 'id')],
  },
)

const FIRST_MS = Date.parse('2029-01-01T00:00:00.000Z')
const PAGE = 20
const emailOf = (n: number) => `${scramble(n).toString(36)}.${n}@example.test`
const joinedAt = (n: number) => new Date(FIRST_MS + n * 1_000)

/** Member number `n`; neighbours in time are strangers by email. */
export function memberOf(n: number): Row<typeof members> {
  return {
    id: idOf(n),
    email: emailOf(n),
    username: `trader_${scramble(n + 7).toString(36)}_${n}`,
    display_name: `Trader ${n}`,
    password_hash: `$argon2id$v=19$m=19456,t=2,p=1$${idOf(n)}$${idOf(n + 1)}`,
    is_verified: n % 3 !== 0,
    created_at: joinedAt(n),
  }
}

const sql = createSql(members)
export const insertMember = insertRow(sql, members)
const byId = sql.read((p: { id: string }) => sql.from('members').selectAll().where('id', '=', p.id))
const byEmail = sql.read((p: { email: string }) =>
  sql.from('members').selectAll().where('email', '=', p.email),
)
const page = sql.read((p: { at: Date; id: string }) =>
  sql
    .from('members')
    .selectAll()
    .where(keysetBefore(['created_at', 'id'], [value(timestamptz(), p.at), value(uuid(), p.id)]))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(PAGE),
)

/** Reads something about member number `n`. */
export type Lookup = (db: Db, n: number) => Promise<unknown>

export const LOOKUPS: Readonly<Record<string, Lookup>> = {
  'point read by id': (db, n) => byId.first(db, { id: idOf(n) }),
  'lookup by email, as sign-in does': (db, n) => byEmail.first(db, { email: emailOf(n).toUpperCase() }),
  'keyset page of 20': (db, n) => page.all(db, { at: joinedAt(n), id: idOf(n) }),
}
