import { defineMigration } from '../db/index.ts'

/** Failed attempts, and shared rate limits. */
export const platformThrottle = defineMigration({
  id: '20261121-0802-platform-throttle',
  steps: [
    {
      sqlite: [
        `create table "throttle_counters" (
  "scope" text not null constraint "throttle_counters_scope_check" check (typeof("scope") in ('text', 'null') and length("scope") <= 50 and instr("scope", char(0)) = 0),
  "subject" bytes blob not null constraint "throttle_counters_subject_check" check (typeof("subject") in ('blob', 'null') and length("subject") between 0 and 32),
  "consecutive" integer not null default 0 constraint "throttle_counters_consecutive_check" check (typeof("consecutive") in ('integer', 'null') and "consecutive" between -2147483647 and 2147483647),
  "recent" array text not null default '[]' constraint "throttle_counters_recent_check" check (json_valid("recent") and json_type("recent") = 'array'),
  "not_before" timestamptz text constraint "throttle_counters_not_before_check" check (strftime('%Y-%m-%dT%H:%M:%fZ', "not_before") is "not_before"),
  "last_at" timestamptz text not null constraint "throttle_counters_last_at_check" check (strftime('%Y-%m-%dT%H:%M:%fZ', "last_at") is "last_at"),
  constraint "throttle_counters_pkey" primary key ("scope", "subject")
)`,
        `create index "idx_throttle_counters_last_at" on "throttle_counters" ("last_at")`,
        `create table "rate_windows" (
  "subject" bytes blob not null constraint "rate_windows_subject_check" check (typeof("subject") in ('blob', 'null') and length("subject") between 0 and 32),
  "hits" integer not null constraint "rate_windows_hits_check" check (typeof("hits") in ('integer', 'null') and "hits" between -2147483647 and 2147483647),
  "ends_at" timestamptz text not null constraint "rate_windows_ends_at_check" check (strftime('%Y-%m-%dT%H:%M:%fZ', "ends_at") is "ends_at"),
  constraint "rate_windows_pkey" primary key ("subject")
)`,
        `create index "idx_rate_windows_ends_at" on "rate_windows" ("ends_at")`,
      ],
      postgres: [
        `create table "throttle_counters" (
  "scope" varchar(50) collate "C" not null,
  "subject" bytea not null constraint "throttle_counters_subject_check" check (octet_length("subject") between 0 and 32),
  "consecutive" integer not null default 0,
  "recent" bigint[] not null default '{}' constraint "throttle_counters_recent_check" check (array_position("recent", null) is null and coalesce(array_ndims("recent"), 1) = 1),
  "not_before" timestamp(3) with time zone constraint "throttle_counters_not_before_check" check ("not_before" between '0001-01-01T00:00:00Z' and '9999-12-31T23:59:59.999Z'),
  "last_at" timestamp(3) with time zone not null constraint "throttle_counters_last_at_check" check ("last_at" between '0001-01-01T00:00:00Z' and '9999-12-31T23:59:59.999Z'),
  constraint "throttle_counters_pkey" primary key ("scope", "subject")
)`,
        `create index "idx_throttle_counters_last_at" on "throttle_counters" ("last_at")`,
        `alter table "throttle_counters" enable row level security`,
        `alter table "throttle_counters" force row level security`,
        `create policy "throttle_counters_system" on "throttle_counters" using (current_setting('app.system', true) = 'on') with check (current_setting('app.system', true) = 'on')`,
        `create table "rate_windows" (
  "subject" bytea not null constraint "rate_windows_subject_check" check (octet_length("subject") between 0 and 32),
  "hits" integer not null,
  "ends_at" timestamp(3) with time zone not null constraint "rate_windows_ends_at_check" check ("ends_at" between '0001-01-01T00:00:00Z' and '9999-12-31T23:59:59.999Z'),
  constraint "rate_windows_pkey" primary key ("subject")
)`,
        `create index "idx_rate_windows_ends_at" on "rate_windows" ("ends_at")`,
        `alter table "rate_windows" enable row level security`,
        `alter table "rate_windows" force row level security`,
        `create policy "rate_windows_system" on "rate_windows" using (current_setting('app.system', true) = 'on') with check (current_setting('app.system', true) = 'on')`,
      ],
    },
  ],
})
