import { defineMigration } from '../../../platform/db/index.ts'

/** Changing one's address: what was asked for and not proven yet, and what may be undone. */
export const accountsEmailChangeMigration = defineMigration({
  id: '20261121-1140-accounts-email-change',
  steps: [
    {
      sqlite: [
        `create table "email_change_tokens" (
  "id" uuid text not null constraint "email_change_tokens_id_check" check ("id" glob '[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]'),
  "user_id" uuid text not null constraint "email_change_tokens_user_id_check" check ("user_id" glob '[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]'),
  "created_at" timestamptz text not null constraint "email_change_tokens_created_at_check" check (strftime('%Y-%m-%dT%H:%M:%fZ', "created_at") is "created_at"),
  "email" canonical text not null constraint "email_change_tokens_email_check" check (typeof("email") in ('text', 'null') and length("email") <= 255 and instr("email", char(0)) = 0),
  "session_id" uuid text not null constraint "email_change_tokens_session_id_check" check ("session_id" glob '[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]'),
  "token_hash" bytes blob not null constraint "email_change_tokens_token_hash_check" check (typeof("token_hash") in ('blob', 'null') and length("token_hash") between 0 and 32),
  "expires_at" timestamptz text not null constraint "email_change_tokens_expires_at_check" check (strftime('%Y-%m-%dT%H:%M:%fZ', "expires_at") is "expires_at"),
  constraint "email_change_tokens_pkey" primary key ("id"),
  constraint "email_change_tokens_user_id_fkey" foreign key ("user_id") references "users" ("id") on delete cascade
)`,
        `create unique index "idx_email_change_tokens_token_hash" on "email_change_tokens" ("token_hash")`,
        `create unique index "idx_email_change_tokens_user_id" on "email_change_tokens" ("user_id")`,
        `create index "idx_email_change_tokens_expires_at" on "email_change_tokens" ("expires_at")`,
        `create table "email_undo_tokens" (
  "id" uuid text not null constraint "email_undo_tokens_id_check" check ("id" glob '[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]'),
  "user_id" uuid text not null constraint "email_undo_tokens_user_id_check" check ("user_id" glob '[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]'),
  "created_at" timestamptz text not null constraint "email_undo_tokens_created_at_check" check (strftime('%Y-%m-%dT%H:%M:%fZ', "created_at") is "created_at"),
  "email" canonical text not null constraint "email_undo_tokens_email_check" check (typeof("email") in ('text', 'null') and length("email") <= 255 and instr("email", char(0)) = 0),
  "step" integer not null constraint "email_undo_tokens_step_check" check (typeof("step") in ('integer', 'null') and "step" between -2147483647 and 2147483647),
  "token_hash" bytes blob not null constraint "email_undo_tokens_token_hash_check" check (typeof("token_hash") in ('blob', 'null') and length("token_hash") between 0 and 32),
  "expires_at" timestamptz text not null constraint "email_undo_tokens_expires_at_check" check (strftime('%Y-%m-%dT%H:%M:%fZ', "expires_at") is "expires_at"),
  constraint "email_undo_tokens_pkey" primary key ("id"),
  constraint "email_undo_tokens_user_id_fkey" foreign key ("user_id") references "users" ("id") on delete cascade
)`,
        `create unique index "idx_email_undo_tokens_token_hash" on "email_undo_tokens" ("token_hash")`,
        `create unique index "idx_email_undo_tokens_user_id_step" on "email_undo_tokens" ("user_id", "step")`,
        `create index "idx_email_undo_tokens_email" on "email_undo_tokens" ("email")`,
        `create index "idx_email_undo_tokens_expires_at" on "email_undo_tokens" ("expires_at")`,
      ],
      postgres: [
        `create table "email_change_tokens" (
  "id" uuid not null,
  "user_id" uuid not null,
  "created_at" timestamp(3) with time zone not null constraint "email_change_tokens_created_at_check" check ("created_at" between '0001-01-01T00:00:00Z' and '9999-12-31T23:59:59.999Z'),
  "email" varchar(255) collate "C" not null,
  "session_id" uuid not null,
  "token_hash" bytea not null constraint "email_change_tokens_token_hash_check" check (octet_length("token_hash") between 0 and 32),
  "expires_at" timestamp(3) with time zone not null constraint "email_change_tokens_expires_at_check" check ("expires_at" between '0001-01-01T00:00:00Z' and '9999-12-31T23:59:59.999Z'),
  constraint "email_change_tokens_pkey" primary key ("id"),
  constraint "email_change_tokens_user_id_fkey" foreign key ("user_id") references "users" ("id") on delete cascade
)`,
        `create unique index "idx_email_change_tokens_token_hash" on "email_change_tokens" ("token_hash")`,
        `create unique index "idx_email_change_tokens_user_id" on "email_change_tokens" ("user_id")`,
        `create index "idx_email_change_tokens_expires_at" on "email_change_tokens" ("expires_at")`,
        `alter table "email_change_tokens" enable row level security`,
        `alter table "email_change_tokens" force row level security`,
        `create policy "email_change_tokens_system" on "email_change_tokens" using (current_setting('app.system', true) = 'on') with check (current_setting('app.system', true) = 'on')`,
        `create policy "email_change_tokens_owner" on "email_change_tokens" using ("user_id" = nullif(current_setting('app.uid', true), '')::uuid) with check ("user_id" = nullif(current_setting('app.uid', true), '')::uuid)`,
        `create table "email_undo_tokens" (
  "id" uuid not null,
  "user_id" uuid not null,
  "created_at" timestamp(3) with time zone not null constraint "email_undo_tokens_created_at_check" check ("created_at" between '0001-01-01T00:00:00Z' and '9999-12-31T23:59:59.999Z'),
  "email" varchar(255) collate "C" not null,
  "step" integer not null,
  "token_hash" bytea not null constraint "email_undo_tokens_token_hash_check" check (octet_length("token_hash") between 0 and 32),
  "expires_at" timestamp(3) with time zone not null constraint "email_undo_tokens_expires_at_check" check ("expires_at" between '0001-01-01T00:00:00Z' and '9999-12-31T23:59:59.999Z'),
  constraint "email_undo_tokens_pkey" primary key ("id"),
  constraint "email_undo_tokens_user_id_fkey" foreign key ("user_id") references "users" ("id") on delete cascade
)`,
        `create unique index "idx_email_undo_tokens_token_hash" on "email_undo_tokens" ("token_hash")`,
        `create unique index "idx_email_undo_tokens_user_id_step" on "email_undo_tokens" ("user_id", "step")`,
        `create index "idx_email_undo_tokens_email" on "email_undo_tokens" ("email")`,
        `create index "idx_email_undo_tokens_expires_at" on "email_undo_tokens" ("expires_at")`,
        `alter table "email_undo_tokens" enable row level security`,
        `alter table "email_undo_tokens" force row level security`,
        `create policy "email_undo_tokens_system" on "email_undo_tokens" using (current_setting('app.system', true) = 'on') with check (current_setting('app.system', true) = 'on')`,
        `create policy "email_undo_tokens_owner" on "email_undo_tokens" using ("user_id" = nullif(current_setting('app.uid', true), '')::uuid) with check ("user_id" = nullif(current_setting('app.uid', true), '')::uuid)`,
      ],
    },
  ],
})
