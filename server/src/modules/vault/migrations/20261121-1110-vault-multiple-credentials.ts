import { defineMigration } from '../../../platform/db/index.ts'

/**
 * Multiple credentials support: an account may hold several credentials of one type, told apart by nickname. Those that
 * are there are called after their type. Every step does nothing when it was done before.
 */
export const vaultMultipleCredentialsMigration = defineMigration({
  id: '20261121-1110-vault-multiple-credentials',
  steps: [
    {
      sqlite: ['drop index if exists "idx_user_credentials_unique"'],
      postgres: ['drop index if exists "idx_user_credentials_unique"'],
    },
    {
      unless: {
        sqlite: `select count(*) from pragma_table_info('user_credentials') where name = 'nickname'`,
        postgres: `select count(*) from pg_attribute where attrelid = '"user_credentials"'::regclass and attname = 'nickname'`,
      },
      sqlite: [
        `alter table "user_credentials" add column "nickname" text constraint "user_credentials_nickname_check" check (typeof("nickname") in ('text', 'null') and length("nickname") <= 255 and instr("nickname", char(0)) = 0)`,
      ],
      postgres: ['alter table "user_credentials" add column "nickname" varchar(255) collate "C"'],
    },
    {
      update: 'update user_credentials set nickname = credential_type where nickname is null',
      remaining: 'select count(*) from user_credentials where nickname is null',
    },
    {
      sqlite: [
        'create index if not exists "idx_user_credentials_nickname" on "user_credentials" ("user_account_id", "nickname")',
      ],
      postgres: [
        'create index if not exists "idx_user_credentials_nickname" on "user_credentials" ("user_account_id", "nickname")',
      ],
    },
  ],
})
