import { DatabaseSync } from 'node:sqlite'
import { Type } from 'typebox'
import { expect, it } from 'vitest'
import { type DatabaseFixture, forEachDatabase } from '../../../testing/for-each-database.ts'
import { onPostgresAt } from '../../../testing/postgres-client.ts'
import {
  array,
  boolean,
  databaseDrift,
  defineTable,
  enumOf,
  fullText,
  gin,
  index,
  integer,
  jsonb,
  searchText,
  text,
  timestamptz,
  unique,
  uuid,
} from '../index.ts'

const desks = defineTable(
  'desks',
  { id: uuid().primaryKey(), user_id: uuid(), label: text(50) },
  { access: { kind: 'private', owner: 'user_id' }, indexes: [unique('id', 'user_id')] },
)
const keys = defineTable(
  'keys',
  {
    id: uuid().primaryKey(),
    desk_id: uuid(),
    user_id: uuid(),
    parent_id: uuid().references('keys', 'id', 'set null').nullable(),
    kind: enumOf(['paper', "it's live"]).default('paper'),
    uses: integer().default(0),
    tags: array(text(20)).default([]),
    meta: jsonb(Type.Object({})).nullable(),
    words: searchText(100).default(''),
    is_live: boolean().default(false),
    gone_at: timestamptz().nullable(),
  },
  {
    access: { kind: 'private', owner: 'user_id' },
    indexes: [
      { ...unique('user_id', 'kind'), where: 'gone_at is null' },
      index('gone_at', 'id'),
      gin('tags'),
      fullText('words'),
    ],
    foreignKeys: [
      { columns: ['desk_id', 'user_id'], table: 'desks', references: ['id', 'user_id'], onDelete: 'cascade' },
    ],
    checks: [{ name: 'order', expression: 'uses >= 0' }],
  },
)
const trail = defineTable(
  'trail',
  { id: uuid().primaryKey(), what: text(50) },
  { access: { kind: 'internal' }, isAppendOnly: true },
)
const tables = [desks, keys, trail]

interface Change {
  readonly change: string
  readonly undo: string
  readonly told: RegExp
}

const rebuilt = (from: string, to: string) => ({
  change: `pragma writable_schema = on; update sqlite_schema set sql = replace(sql, '${from}', '${to}') where name = 'keys'; pragma writable_schema = reset`,
  undo: `pragma writable_schema = on; update sqlite_schema set sql = replace(sql, '${to}', '${from}') where name = 'keys'; pragma writable_schema = reset`,
})

const shared: Record<string, Change> = {
  'a missing index': {
    change: 'drop index idx_keys_gone_at_id',
    undo: 'create index "idx_keys_gone_at_id" on "keys" ("gone_at", "id")',
    told: /idx_keys_gone_at_id is declared and missing/,
  },
  'an index of other columns': {
    change: 'drop index idx_keys_gone_at_id; create index idx_keys_gone_at_id on keys (id)',
    undo: 'drop index idx_keys_gone_at_id; create index "idx_keys_gone_at_id" on "keys" ("gone_at", "id")',
    told: /idx_keys_gone_at_id is declared as/,
  },
  'a unique index that lost its condition': {
    change:
      'drop index idx_keys_user_id_kind; create unique index idx_keys_user_id_kind on keys (user_id, kind)',
    undo: 'drop index idx_keys_user_id_kind; create unique index "idx_keys_user_id_kind" on "keys" ("user_id", "kind") where gone_at is null',
    told: /idx_keys_user_id_kind is declared as/,
  },
  'an extra column': {
    change: 'alter table keys add column extra text',
    undo: 'alter table keys drop column extra',
    told: /keys\.extra is in the database and not declared/,
  },
  'an extra table': {
    change: 'create table leftover (id integer)',
    undo: 'drop table leftover',
    told: /leftover/,
  },
}
const onSqlite: Record<string, Change> = {
  'an extra table called like those of a text index': {
    change: 'create table leftover_fts_list (id integer)',
    undo: 'drop table leftover_fts_list',
    told: /leftover_fts_list\.id is in the database and not declared/,
  },
  'a changed default': {
    ...rebuilt('default 0 constraint "keys_uses', 'default 1 constraint "keys_uses'),
    told: /keys\.uses is declared as/,
  },
  'a missing check': {
    ...rebuilt('check (uses >= 0)', 'check (uses >= -1)'),
    told: /keys_order_check is declared as/,
  },
  'a foreign key that no longer cascades': {
    ...rebuilt('on delete cascade', 'on delete restrict'),
    told: /foreign key desk_id, user_id is declared as/,
  },
  'a missing trigger of the full-text index': {
    change: 'drop trigger keys_words_fts_update',
    undo: 'create trigger "keys_words_fts_update" after update of "words" on "keys" begin insert into "keys_words_fts" ("keys_words_fts", rowid, "words") values (\'delete\', old.rowid, old."words"); insert into "keys_words_fts" (rowid, "words") values (new.rowid, new."words"); end',
    told: /keys_words_fts_update is declared and missing/,
  },
  'a table that is no longer append-only': {
    change: 'drop trigger trail_no_delete',
    undo: `create trigger "trail_no_delete" before delete on "trail" begin select raise(abort, 'trail is append-only'); end`,
    told: /trail_no_delete is declared and missing/,
  },
}
const policy = `create policy "keys_owner" on "keys" using ("user_id" = nullif(current_setting('app.uid', true), '')::uuid) with check ("user_id" = nullif(current_setting('app.uid', true), '')::uuid)`
const onPostgres: Record<string, Change> = {
  'a changed default': {
    change: 'alter table keys alter column uses set default 1',
    undo: 'alter table keys alter column uses set default 0',
    told: /keys\.uses is declared as/,
  },
  'a missing check': {
    change: 'alter table keys drop constraint keys_order_check',
    undo: 'alter table keys add constraint keys_order_check check (uses >= 0)',
    told: /keys_order_check is declared and missing/,
  },
  'a longer text': {
    change: 'alter table desks alter column label type varchar(60)',
    undo: 'alter table desks alter column label type varchar(50) collate "C"',
    told: /desks\.label is declared as/,
  },
  'text sorted by language': {
    change: 'alter table desks alter column label type varchar(50) collate "default"',
    undo: 'alter table desks alter column label type varchar(50) collate "C"',
    told: /desks\.label is declared as/,
  },
  'a column that may be null': {
    change: 'alter table keys alter column uses drop not null',
    undo: 'alter table keys alter column uses set not null',
    told: /keys\.uses is declared as/,
  },
  'a foreign key that no longer cascades': {
    change:
      'alter table keys drop constraint keys_desk_id_user_id_fkey; alter table keys add constraint keys_desk_id_user_id_fkey foreign key (desk_id, user_id) references desks (id, user_id)',
    undo: 'alter table keys drop constraint keys_desk_id_user_id_fkey; alter table keys add constraint keys_desk_id_user_id_fkey foreign key (desk_id, user_id) references desks (id, user_id) on delete cascade',
    told: /keys_desk_id_user_id_fkey is declared as/,
  },
  'a changed policy': {
    change: 'alter policy keys_owner on keys using (true)',
    undo: `drop policy keys_owner on keys; ${policy}`,
    told: /policy keys_owner is declared as/,
  },
  'an added policy': {
    change: 'create policy all_see on keys for select using (true)',
    undo: 'drop policy all_see on keys',
    told: /policy all_see is in the database and not declared/,
  },
  'row security off': {
    change: 'alter table keys disable row level security',
    undo: 'alter table keys enable row level security',
    told: /keys: row security is declared as/,
  },
  'row security not forced': {
    change: 'alter table keys no force row level security',
    undo: 'alter table keys force row level security',
    told: /keys: row security is declared as/,
  },
}

async function exec(on: DatabaseFixture, sql: string): Promise<void> {
  if (on.location.kind === 'sqlite') {
    const database = new DatabaseSync(on.location.path, { defensive: false })
    try {
      return database.exec(sql)
    } finally {
      database.close()
    }
  }
  await onPostgresAt(on.location.adminUrl, (owner) => owner.query(sql))
}

forEachDatabase('drift', { tables }, (on) => {
  it('is none after the migrations, also when two look at once', async () => {
    const looks = await Promise.all([databaseDrift(on.location, tables), databaseDrift(on.location, tables)])
    expect(looks).toEqual([[], []])
  })

  const changes = { ...shared, ...(on.dialect === 'sqlite' ? onSqlite : onPostgres) }
  for (const [what, { change, undo, told }] of Object.entries(changes)) {
    it(`names ${what}, and nothing once it is undone`, async () => {
      await exec(on, change)
      const drift = await databaseDrift(on.location, tables)
      expect(drift).toContainEqual(expect.stringMatching(told))
      await exec(on, undo)
      expect(await databaseDrift(on.location, tables)).toEqual([])
    })
  }

  it('names a table that was never made', async () => {
    const later = defineTable('later', { id: uuid().primaryKey() }, { access: { kind: 'system' } })
    const drift = await databaseDrift(on.location, [...tables, later])
    expect(drift).toContainEqual(expect.stringMatching(/later\.id is declared and missing/))
  })
})
