import { defineMigration } from '../../../platform/db/index.ts'

/** Which credential each member has chosen. */
export const vaultActiveCredentialsMigration = defineMigration({
  id: '20261121-1130-vault-active-credentials',
  steps: [
    {
      sqlite: [
        `create table "active_credentials" (
  "user_id" uuid text not null constraint "active_credentials_user_id_check" check ("user_id" glob '[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]'),
  "credential_id" uuid text not null constraint "active_credentials_credential_id_check" check ("credential_id" glob '[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]'),
  "chosen_at" timestamptz text not null constraint "active_credentials_chosen_at_check" check (strftime('%Y-%m-%dT%H:%M:%fZ', "chosen_at") is "chosen_at"),
  constraint "active_credentials_pkey" primary key ("user_id"),
  constraint "active_credentials_user_id_fkey" foreign key ("user_id") references "users" ("id") on delete cascade
)`,
      ],
      postgres: [
        `create table "active_credentials" (
  "user_id" uuid not null,
  "credential_id" uuid not null,
  "chosen_at" timestamp(3) with time zone not null constraint "active_credentials_chosen_at_check" check ("chosen_at" between '0001-01-01T00:00:00Z' and '9999-12-31T23:59:59.999Z'),
  constraint "active_credentials_pkey" primary key ("user_id"),
  constraint "active_credentials_user_id_fkey" foreign key ("user_id") references "users" ("id") on delete cascade
)`,
        `alter table "active_credentials" enable row level security`,
        `alter table "active_credentials" force row level security`,
        `create policy "active_credentials_system" on "active_credentials" using (current_setting('app.system', true) = 'on') with check (current_setting('app.system', true) = 'on')`,
        `create policy "active_credentials_owner" on "active_credentials" using ("user_id" = nullif(current_setting('app.uid', true), '')::uuid) with check ("user_id" = nullif(current_setting('app.uid', true), '')::uuid)`,
      ],
    },
  ],
})
