import {
  type AnyTable,
  boolean,
  createStatements,
  type Dialect,
  defineMigration,
  defineTable,
  type Migration,
  text,
  uuid,
} from '../platform/db/index.ts'

const creator = { access: { kind: 'system' } } as const

/** A small history with every sort of step, for tests that stop, repeat and kill migrations. */
const firstKeys = defineTable('keyring', { id: uuid().primaryKey(), kind: text(50) }, creator)
const others = ['alpha', 'beta', 'gamma', 'delta'].map((name) =>
  defineTable(name, { id: uuid().primaryKey(), label: text(40), is_on: boolean().default(true) }, creator),
)

/** The tables as they are once every migration was applied. */
export const historyTables: readonly AnyTable[] = [
  defineTable(
    'keyring',
    { id: uuid().primaryKey(), kind: text(50), nickname: text(255).nullable() },
    creator,
  ),
  ...others,
]

const ddl = (table: AnyTable) => {
  const statements = (dialect: Dialect) => createStatements(dialect, table)
  return { sqlite: statements('sqlite'), postgres: statements('postgres') }
}
/** How many rows the backfill fills, a third of them `kind 1`. */
export const KEYS = 1_500

const rowId = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`
const rows = Array.from({ length: KEYS }, (_, n) => `('${rowId(n)}', 'kind ${n % 3}')`).join(', ')
const seed = `insert into keyring (id, kind) values ${rows}`
const addNickname = {
  sqlite: [
    `alter table "keyring" add column "nickname" text constraint "keyring_nickname_check" check (typeof("nickname") in ('text', 'null') and length("nickname") <= 255 and instr("nickname", char(0)) = 0)`,
  ],
  postgres: [`alter table "keyring" add column "nickname" varchar(255) collate "C"`],
}

export const historyMigrations: readonly Migration[] = [
  defineMigration({
    id: '20300101-0000-keys-table',
    steps: [ddl(firstKeys), { sqlite: [seed], postgres: [seed] }],
  }),
  defineMigration({
    id: '20300102-0000-keys-nickname',
    steps: [
      addNickname,
      {
        update: 'update keyring set nickname = kind where nickname is null',
        remaining: 'select count(*) from keyring where nickname is null',
      },
    ],
  }),
  ...others.map((table, i) =>
    defineMigration({ id: `2030010${i + 3}-0000-keys-${table.name}`, steps: [ddl(table)] }),
  ),
]
