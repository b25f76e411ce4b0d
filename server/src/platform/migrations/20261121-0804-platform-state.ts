import { defineMigration } from '../db/index.ts'

/** Facts about the instance. */
export const platformState = defineMigration({
  id: '20261121-0804-platform-state',
  steps: [
    {
      sqlite: [
        `create table "instance_state" (
  "name" text not null constraint "instance_state_name_check" check (typeof("name") in ('text', 'null') and length("name") <= 64 and instr("name", char(0)) = 0),
  "value" text not null constraint "instance_state_value_check" check (typeof("value") in ('text', 'null') and length("value") <= 65536 and instr("value", char(0)) = 0),
  "updated_at" timestamptz text not null constraint "instance_state_updated_at_check" check (strftime('%Y-%m-%dT%H:%M:%fZ', "updated_at") is "updated_at"),
  constraint "instance_state_pkey" primary key ("name")
)`,
      ],
      postgres: [
        `create table "instance_state" (
  "name" varchar(64) collate "C" not null,
  "value" varchar(65536) collate "C" not null,
  "updated_at" timestamp(3) with time zone not null constraint "instance_state_updated_at_check" check ("updated_at" between '0001-01-01T00:00:00Z' and '9999-12-31T23:59:59.999Z'),
  constraint "instance_state_pkey" primary key ("name")
)`,
        `alter table "instance_state" enable row level security`,
        `alter table "instance_state" force row level security`,
        `create policy "instance_state_system" on "instance_state" using (current_setting('app.system', true) = 'on') with check (current_setting('app.system', true) = 'on')`,
      ],
    },
  ],
})
