import { defineMigration } from '../../../platform/db/index.ts'

/** What a personal access token may be bound to beside its scopes. */
export const accountsBoundTokensMigration = defineMigration({
  id: '20261121-1120-accounts-bound-tokens',
  steps: [
    {
      sqlite: [
        `alter table "personal_access_tokens" add column "credential_id" uuid text constraint "personal_access_tokens_credential_id_check" check ("credential_id" glob '[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]')`,
        `alter table "personal_access_tokens" add column "path_patterns" array text not null default '[]' constraint "personal_access_tokens_path_patterns_check" check (json_valid("path_patterns") and json_type("path_patterns") = 'array')`,
        `alter table "personal_access_tokens" add column "address_ranges" array text not null default '[]' constraint "personal_access_tokens_address_ranges_check" check (json_valid("address_ranges") and json_type("address_ranges") = 'array')`,
        `alter table "personal_access_tokens" add column "rate_per_minute" integer constraint "personal_access_tokens_rate_per_minute_check" check (typeof("rate_per_minute") in ('integer', 'null') and "rate_per_minute" between -2147483647 and 2147483647)`,
      ],
      postgres: [
        `alter table "personal_access_tokens" add column "credential_id" uuid`,
        `alter table "personal_access_tokens" add column "path_patterns" varchar(200)[] not null default '{}' constraint "personal_access_tokens_path_patterns_check" check (array_position("path_patterns", null) is null and coalesce(array_ndims("path_patterns"), 1) = 1)`,
        `alter table "personal_access_tokens" add column "address_ranges" varchar(49)[] not null default '{}' constraint "personal_access_tokens_address_ranges_check" check (array_position("address_ranges", null) is null and coalesce(array_ndims("address_ranges"), 1) = 1)`,
        `alter table "personal_access_tokens" add column "rate_per_minute" integer`,
      ],
    },
  ],
})
