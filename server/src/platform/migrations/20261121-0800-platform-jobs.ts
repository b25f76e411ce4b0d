import { defineMigration } from '../db/index.ts'

/** Work to be done later. */
export const platformJobs = defineMigration({
  id: '20261121-0800-platform-jobs',
  steps: [
    {
      sqlite: [
        `create table "jobs" (
  "id" uuid text not null constraint "jobs_id_check" check ("id" glob '[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]'),
  "kind" text not null constraint "jobs_kind_check" check (typeof("kind") in ('text', 'null') and length("kind") <= 200 and instr("kind", char(0)) = 0),
  "dedupe_key" text constraint "jobs_dedupe_key_check" check (typeof("dedupe_key") in ('text', 'null') and length("dedupe_key") <= 255 and instr("dedupe_key", char(0)) = 0),
  "payload" jsonb text constraint "jobs_payload_check" check (json_valid("payload")),
  "sealed_payload" sealed blob constraint "jobs_sealed_payload_check" check (typeof("sealed_payload") in ('blob', 'null') and length("sealed_payload") between 64 and 65536),
  "run_at" timestamptz text not null constraint "jobs_run_at_check" check (strftime('%Y-%m-%dT%H:%M:%fZ', "run_at") is "run_at"),
  "due_at" timestamptz text not null constraint "jobs_due_at_check" check (strftime('%Y-%m-%dT%H:%M:%fZ', "due_at") is "due_at"),
  "attempts" integer not null default 0 constraint "jobs_attempts_check" check (typeof("attempts") in ('integer', 'null') and "attempts" between -2147483647 and 2147483647),
  "lease_token" uuid text constraint "jobs_lease_token_check" check ("lease_token" glob '[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]'),
  "last_error" text constraint "jobs_last_error_check" check (typeof("last_error") in ('text', 'null') and length("last_error") <= 500 and instr("last_error", char(0)) = 0),
  "dead_at" timestamptz text constraint "jobs_dead_at_check" check (strftime('%Y-%m-%dT%H:%M:%fZ', "dead_at") is "dead_at"),
  "created_at" timestamptz text not null constraint "jobs_created_at_check" check (strftime('%Y-%m-%dT%H:%M:%fZ', "created_at") is "created_at"),
  constraint "jobs_pkey" primary key ("id"),
  constraint "jobs_one_payload_check" check ((payload is null) <> (sealed_payload is null))
)`,
        `create index "idx_jobs_due" on "jobs" ("due_at", "id") where dead_at is null`,
        `create index "idx_jobs_dead" on "jobs" ("dead_at", "id") where dead_at is not null`,
        `create unique index "idx_jobs_dedupe" on "jobs" ("kind", "dedupe_key") where dead_at is null`,
      ],
      postgres: [
        `create table "jobs" (
  "id" uuid not null,
  "kind" varchar(200) collate "C" not null,
  "dedupe_key" varchar(255) collate "C",
  "payload" jsonb,
  "sealed_payload" bytea constraint "jobs_sealed_payload_check" check (octet_length("sealed_payload") between 64 and 65536),
  "run_at" timestamp(3) with time zone not null constraint "jobs_run_at_check" check ("run_at" between '0001-01-01T00:00:00Z' and '9999-12-31T23:59:59.999Z'),
  "due_at" timestamp(3) with time zone not null constraint "jobs_due_at_check" check ("due_at" between '0001-01-01T00:00:00Z' and '9999-12-31T23:59:59.999Z'),
  "attempts" integer not null default 0,
  "lease_token" uuid,
  "last_error" varchar(500) collate "C",
  "dead_at" timestamp(3) with time zone constraint "jobs_dead_at_check" check ("dead_at" between '0001-01-01T00:00:00Z' and '9999-12-31T23:59:59.999Z'),
  "created_at" timestamp(3) with time zone not null constraint "jobs_created_at_check" check ("created_at" between '0001-01-01T00:00:00Z' and '9999-12-31T23:59:59.999Z'),
  constraint "jobs_pkey" primary key ("id"),
  constraint "jobs_one_payload_check" check ((payload is null) <> (sealed_payload is null))
)`,
        `create index "idx_jobs_due" on "jobs" ("due_at", "id") where dead_at is null`,
        `create index "idx_jobs_dead" on "jobs" ("dead_at", "id") where dead_at is not null`,
        `create unique index "idx_jobs_dedupe" on "jobs" ("kind", "dedupe_key") where dead_at is null`,
        `alter table "jobs" enable row level security`,
        `alter table "jobs" force row level security`,
        `create policy "jobs_system" on "jobs" using (current_setting('app.system', true) = 'on') with check (current_setting('app.system', true) = 'on')`,
        `create policy "jobs_add" on "jobs" for insert with check (true)`,
      ],
    },
  ],
})
