import { defineMigration } from '../db/index.ts'

/** How often each sealing key was used. */
export const platformKeyUses = defineMigration({
  id: '20261122-1200-platform-key-uses',
  steps: [
    {
      sqlite: [
        `create table "key_uses" (
  "key_id" text not null constraint "key_uses_key_id_check" check (typeof("key_id") in ('text', 'null') and length("key_id") <= 16 and instr("key_id", char(0)) = 0),
  "uses" bigint integer not null constraint "key_uses_uses_check" check (typeof("uses") in ('integer', 'null') and "uses" between -9007199254740991 and 9007199254740991),
  constraint "key_uses_pkey" primary key ("key_id")
)`,
      ],
      postgres: [
        `create table "key_uses" (
  "key_id" varchar(16) collate "C" not null,
  "uses" bigint not null constraint "key_uses_uses_check" check ("uses" between -9007199254740991 and 9007199254740991),
  constraint "key_uses_pkey" primary key ("key_id")
)`,
        `alter table "key_uses" enable row level security`,
        `alter table "key_uses" force row level security`,
        `create policy "key_uses_system" on "key_uses" using (current_setting('app.system', true) = 'on') with check (current_setting('app.system', true) = 'on')`,
      ],
    },
  ],
})
