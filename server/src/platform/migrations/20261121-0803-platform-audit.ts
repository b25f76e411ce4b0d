import { defineMigration } from '../db/index.ts'

/** The audit log and the end of its chain. */
export const platformAudit = defineMigration({
  id: '20261121-0803-platform-audit',
  steps: [
    {
      sqlite: [
        `create table "audit_events" (
  "id" uuid text not null constraint "audit_events_id_check" check ("id" glob '[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]'),
  "seq" bigint integer not null constraint "audit_events_seq_check" check (typeof("seq") in ('integer', 'null') and "seq" between -9007199254740991 and 9007199254740991),
  "at" timestamptz text not null constraint "audit_events_at_check" check (strftime('%Y-%m-%dT%H:%M:%fZ', "at") is "at"),
  "action" text not null constraint "audit_events_action_check" check (typeof("action") in ('text', 'null') and length("action") <= 64 and instr("action", char(0)) = 0),
  "result" enum text not null constraint "audit_events_result_check" check ("result" in ('ok', 'refused', 'failed')),
  "actor_id" uuid text constraint "audit_events_actor_id_check" check ("actor_id" glob '[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]'),
  "session_id" uuid text constraint "audit_events_session_id_check" check ("session_id" glob '[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]'),
  "factor" text constraint "audit_events_factor_check" check (typeof("factor") in ('text', 'null') and length("factor") <= 32 and instr("factor", char(0)) = 0),
  "address" text constraint "audit_events_address_check" check (typeof("address") in ('text', 'null') and length("address") <= 45 and instr("address", char(0)) = 0),
  "request_id" text constraint "audit_events_request_id_check" check (typeof("request_id") in ('text', 'null') and length("request_id") <= 64 and instr("request_id", char(0)) = 0),
  "object_type" text constraint "audit_events_object_type_check" check (typeof("object_type") in ('text', 'null') and length("object_type") <= 32 and instr("object_type", char(0)) = 0),
  "object_id" text constraint "audit_events_object_id_check" check (typeof("object_id") in ('text', 'null') and length("object_id") <= 64 and instr("object_id", char(0)) = 0),
  "details" jsonb text not null default '{}' constraint "audit_events_details_check" check (json_valid("details")),
  "previous_hash" bytes blob not null constraint "audit_events_previous_hash_check" check (typeof("previous_hash") in ('blob', 'null') and length("previous_hash") between 0 and 32),
  "hash" bytes blob not null constraint "audit_events_hash_check" check (typeof("hash") in ('blob', 'null') and length("hash") between 0 and 32),
  constraint "audit_events_pkey" primary key ("id")
)`,
        `create unique index "idx_audit_events_seq" on "audit_events" ("seq")`,
        `create index "idx_audit_events_actor_id_seq" on "audit_events" ("actor_id", "seq")`,
        `create index "idx_audit_events_object_type_object_id_seq" on "audit_events" ("object_type", "object_id", "seq")`,
        `create index "idx_audit_events_action_seq" on "audit_events" ("action", "seq")`,
        `create trigger "audit_events_no_update" before update on "audit_events" begin select raise(abort, 'audit_events is append-only'); end`,
        `create trigger "audit_events_no_delete" before delete on "audit_events" begin select raise(abort, 'audit_events is append-only'); end`,
        `create table "audit_head" (
  "id" integer not null constraint "audit_head_id_check" check (typeof("id") in ('integer', 'null') and "id" between -2147483647 and 2147483647),
  "seq" bigint integer not null constraint "audit_head_seq_check" check (typeof("seq") in ('integer', 'null') and "seq" between -9007199254740991 and 9007199254740991),
  "hash" bytes blob not null constraint "audit_head_hash_check" check (typeof("hash") in ('blob', 'null') and length("hash") between 0 and 32),
  constraint "audit_head_pkey" primary key ("id"),
  constraint "audit_head_single_check" check (id = 1)
)`,
      ],
      postgres: [
        `create table "audit_events" (
  "id" uuid not null,
  "seq" bigint not null constraint "audit_events_seq_check" check ("seq" between -9007199254740991 and 9007199254740991),
  "at" timestamp(3) with time zone not null constraint "audit_events_at_check" check ("at" between '0001-01-01T00:00:00Z' and '9999-12-31T23:59:59.999Z'),
  "action" varchar(64) collate "C" not null,
  "result" text collate "C" not null constraint "audit_events_result_check" check ("result" in ('ok', 'refused', 'failed')),
  "actor_id" uuid,
  "session_id" uuid,
  "factor" varchar(32) collate "C",
  "address" varchar(45) collate "C",
  "request_id" varchar(64) collate "C",
  "object_type" varchar(32) collate "C",
  "object_id" varchar(64) collate "C",
  "details" jsonb not null default '{}',
  "previous_hash" bytea not null constraint "audit_events_previous_hash_check" check (octet_length("previous_hash") between 0 and 32),
  "hash" bytea not null constraint "audit_events_hash_check" check (octet_length("hash") between 0 and 32),
  constraint "audit_events_pkey" primary key ("id")
)`,
        `create unique index "idx_audit_events_seq" on "audit_events" ("seq")`,
        `create index "idx_audit_events_actor_id_seq" on "audit_events" ("actor_id", "seq")`,
        `create index "idx_audit_events_object_type_object_id_seq" on "audit_events" ("object_type", "object_id", "seq")`,
        `create index "idx_audit_events_action_seq" on "audit_events" ("action", "seq")`,
        `alter table "audit_events" enable row level security`,
        `alter table "audit_events" force row level security`,
        `create policy "audit_events_system" on "audit_events" using (current_setting('app.system', true) = 'on') with check (current_setting('app.system', true) = 'on')`,
        `create policy "audit_events_add" on "audit_events" for insert with check (true)`,
        `create table "audit_head" (
  "id" integer not null,
  "seq" bigint not null constraint "audit_head_seq_check" check ("seq" between -9007199254740991 and 9007199254740991),
  "hash" bytea not null constraint "audit_head_hash_check" check (octet_length("hash") between 0 and 32),
  constraint "audit_head_pkey" primary key ("id"),
  constraint "audit_head_single_check" check (id = 1)
)`,
        `alter table "audit_head" enable row level security`,
        `alter table "audit_head" force row level security`,
        `create policy "audit_head_system" on "audit_head" using (current_setting('app.system', true) = 'on') with check (current_setting('app.system', true) = 'on')`,
        `create policy "audit_head_open" on "audit_head" using (true) with check (true)`,
      ],
    },
    {
      sqlite: [
        `insert into "audit_head" ("id", "seq", "hash") values (1, 0, x'0000000000000000000000000000000000000000000000000000000000000000')`,
      ],
      postgres: [
        `insert into "audit_head" ("id", "seq", "hash") values (1, 0, decode('0000000000000000000000000000000000000000000000000000000000000000', 'hex'))`,
      ],
    },
  ],
})
