import { defineMigration } from '../db/index.ts'

/** Requests that want to be done at most once, and their answers. */
export const platformIdempotency = defineMigration({
  id: '20261121-0801-platform-idempotency',
  steps: [
    {
      sqlite: [
        `create table "idempotency_claims" (
  "id" uuid text not null constraint "idempotency_claims_id_check" check ("id" glob '[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]'),
  "claim_hash" bytes blob not null constraint "idempotency_claims_claim_hash_check" check (typeof("claim_hash") in ('blob', 'null') and length("claim_hash") between 0 and 32),
  "request_hash" text not null constraint "idempotency_claims_request_hash_check" check (typeof("request_hash") in ('text', 'null') and length("request_hash") <= 64 and instr("request_hash", char(0)) = 0),
  "leased_until" timestamptz text not null constraint "idempotency_claims_leased_until_check" check (strftime('%Y-%m-%dT%H:%M:%fZ', "leased_until") is "leased_until"),
  "expires_at" timestamptz text not null constraint "idempotency_claims_expires_at_check" check (strftime('%Y-%m-%dT%H:%M:%fZ', "expires_at") is "expires_at"),
  constraint "idempotency_claims_pkey" primary key ("id")
)`,
        `create unique index "idx_idempotency_claims_hash" on "idempotency_claims" ("claim_hash")`,
        `create index "idx_idempotency_claims_expires_at" on "idempotency_claims" ("expires_at")`,
        `create table "idempotency_answers" (
  "claim_id" uuid text not null constraint "idempotency_answers_claim_id_check" check ("claim_id" glob '[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]'),
  "answer" sealed blob not null constraint "idempotency_answers_answer_check" check (typeof("answer") in ('blob', 'null') and length("answer") between 64 and 65536),
  "created_at" timestamptz text not null constraint "idempotency_answers_created_at_check" check (strftime('%Y-%m-%dT%H:%M:%fZ', "created_at") is "created_at"),
  constraint "idempotency_answers_pkey" primary key ("claim_id"),
  constraint "idempotency_answers_claim_id_fkey" foreign key ("claim_id") references "idempotency_claims" ("id") on delete cascade
)`,
      ],
      postgres: [
        `create table "idempotency_claims" (
  "id" uuid not null,
  "claim_hash" bytea not null constraint "idempotency_claims_claim_hash_check" check (octet_length("claim_hash") between 0 and 32),
  "request_hash" varchar(64) collate "C" not null,
  "leased_until" timestamp(3) with time zone not null constraint "idempotency_claims_leased_until_check" check ("leased_until" between '0001-01-01T00:00:00Z' and '9999-12-31T23:59:59.999Z'),
  "expires_at" timestamp(3) with time zone not null constraint "idempotency_claims_expires_at_check" check ("expires_at" between '0001-01-01T00:00:00Z' and '9999-12-31T23:59:59.999Z'),
  constraint "idempotency_claims_pkey" primary key ("id")
)`,
        `create unique index "idx_idempotency_claims_hash" on "idempotency_claims" ("claim_hash")`,
        `create index "idx_idempotency_claims_expires_at" on "idempotency_claims" ("expires_at")`,
        `alter table "idempotency_claims" enable row level security`,
        `alter table "idempotency_claims" force row level security`,
        `create policy "idempotency_claims_system" on "idempotency_claims" using (current_setting('app.system', true) = 'on') with check (current_setting('app.system', true) = 'on')`,
        `create table "idempotency_answers" (
  "claim_id" uuid not null,
  "answer" bytea not null constraint "idempotency_answers_answer_check" check (octet_length("answer") between 64 and 65536),
  "created_at" timestamp(3) with time zone not null constraint "idempotency_answers_created_at_check" check ("created_at" between '0001-01-01T00:00:00Z' and '9999-12-31T23:59:59.999Z'),
  constraint "idempotency_answers_pkey" primary key ("claim_id"),
  constraint "idempotency_answers_claim_id_fkey" foreign key ("claim_id") references "idempotency_claims" ("id") on delete cascade
)`,
        `alter table "idempotency_answers" enable row level security`,
        `alter table "idempotency_answers" force row level security`,
        `create policy "idempotency_answers_system" on "idempotency_answers" using (current_setting('app.system', true) = 'on') with check (current_setting('app.system', true) = 'on')`,
        `create policy "idempotency_answers_add" on "idempotency_answers" for insert with check (true)`,
      ],
    },
  ],
})
