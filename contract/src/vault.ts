import { type Static, Type } from 'typebox'
import {
  instant,
  instantInput,
  listQueryWith,
  nullable,
  oneOf,
  pageOf,
  record,
  singleLine,
  success,
  uuid,
} from './conventions.ts'
import { defineContract } from './endpoint.ts'

/** Lengths in code points, the same numbers as in the database. */
export const vaultLimits = { accountName: 255, nickname: 255, credentialType: 64, key: 512 } as const

/** Where a broker key trades: with play money, or with real money. */
export const environments = ['paper', 'live'] as const
/** One of `environments`. */
export type Environment = (typeof environments)[number]

/** What the broker made of a key, in the words of the contract. */
export const outcomes = [
  'ok',
  'rejected',
  'wrong_environment',
  'blocked',
  'rate_limited',
  'unreachable',
] as const
/** One of `outcomes`. */
export type Outcome = (typeof outcomes)[number]

/** A member's trading desk: a group of credentials. */
export const tradingAccount = record('TradingAccount', {
  user_id: uuid,
  account_name: Type.String(),
  is_active: Type.Boolean(),
})

/** A stored broker key as its owner sees it. The key and its secret are never shown again, not even to them. */
export const credential = record('Credential', {
  account_id: uuid,
  user_id: uuid,
  credential_type: Type.String(),
  nickname: Type.String(),
  environment: oneOf(environments),
  key_hint: Type.String({ description: 'The last four characters of the key id.' }),
  key_version: Type.Integer({ minimum: 1, description: 'Counts the pairs this credential has had.' }),
  is_active: Type.Boolean(),
  is_default: Type.Boolean({ description: 'At most one of each account.' }),
  is_trading_enabled: Type.Boolean({
    description: 'Whether a personal access token may place orders with it, when it is live.',
  }),
  expires_at: nullable(instant),
  last_used_at: nullable(instant),
  last_validated_at: nullable(instant),
  last_validation: nullable(oneOf(outcomes)),
  version: Type.Integer({ minimum: 1, description: 'For `If-Match`; also in the `ETag` of one credential.' }),
})
/** A credential on the wire. */
export type CredentialView = Static<typeof credential>

/** What is left of a broker key that was deleted: what it was called, and nothing that signs in. */
export const deletedCredential = Type.Object(
  {
    id: uuid,
    created_at: instant,
    deleted_at: instant,
    account_id: uuid,
    credential_type: Type.String(),
    nickname: Type.String(),
    environment: oneOf(environments),
    key_hint: Type.String({ description: 'The last four characters of the key id.' }),
  },
  { title: 'DeletedCredential' },
)

/** Why a chosen credential cannot be used as it is. */
export const choiceProblems = ['deleted', 'inactive', 'expired', 'refused'] as const
/** One of `choiceProblems`. */
export type ChoiceProblem = (typeof choiceProblems)[number]

/** The credential that a member has chosen to look at and act with. */
export const activeCredential = Type.Object(
  {
    credential_id: nullable(uuid),
    credential: Type.Unsafe<CredentialView | null>({
      anyOf: [credential, { type: 'null' }],
      description: 'Null when none is chosen, and when the chosen one was deleted.',
    }),
    problem: nullable(
      oneOf(choiceProblems, {
        description:
          'Why the chosen one cannot be used: it was deleted, is switched off, has expired, or its broker refuses it.',
      }),
    ),
  },
  { title: 'ActiveCredential' },
)

/** One use of a credential, or one change of it. */
export const credentialAuditEntry = Type.Object(
  {
    id: uuid,
    at: instant,
    action: Type.String({ description: 'What was done: `credential.used`, `credential.renamed`, …' }),
    purpose: nullable(Type.String({ description: 'What a use was for.' })),
    actor_id: nullable(uuid),
    session_id: nullable(uuid),
    token_id: nullable(uuid),
    outcome: nullable(
      Type.String({ description: 'How it ended; null when that is not known, as after a crash.' }),
    ),
    address: nullable(Type.String()),
    request_id: nullable(Type.String()),
  },
  { title: 'CredentialAuditEntry' },
)

// Note: what an HTTP header can carry and no white space (RFC 9110, section 5.5): keys are sent in headers.
const keyText = (description: string) =>
  Type.String({
    minLength: 1,
    maxLength: vaultLimits.key,
    pattern: '^[\\x21-\\x7e]+$',
    description,
    'x-refusal': 'must be 1 to 512 letters, digits and signs without spaces, as the broker shows it',
  })

const nickname = nullable(
  singleLine({
    max: 4 * vaultLimits.nickname,
    mayBeBlank: true,
    description: 'At most 255 characters, without the spaces around them; when blank, the type is the name.',
  }),
)
const accountName = singleLine({ min: 1, max: vaultLimits.accountName })
const byId = Type.Object({ id: uuid })
const ifMatch = Type.Object({
  'if-match': Type.Optional(
    Type.String({ description: 'The `ETag` you have seen, which is the `version` in quotes.' }),
  ),
})

/** A member's trading accounts. */
export const accountsOfVaultContract = defineContract({
  listTradingAccounts: {
    method: 'GET',
    path: '/accounts',
    summary: 'List your trading accounts, the latest first',
    query: listQueryWith({}),
    responses: { 200: pageOf(tradingAccount) },
    errors: ['vault.cursor_invalid'],
  },
  createTradingAccount: {
    method: 'POST',
    path: '/accounts',
    summary: 'Make a trading account',
    body: Type.Object({ account_name: accountName }),
    responses: { 201: tradingAccount },
    errors: ['vault.too_many_accounts'],
  },
  getOrCreateTradingAccount: {
    method: 'POST',
    path: '/accounts/get-or-create',
    summary: 'Find your trading account of this name, or make it',
    description: 'Without a name: your oldest account, or a new one called Trading.',
    body: Type.Object({ account_name: Type.Optional(accountName) }),
    responses: { 200: Type.Object({ account: tradingAccount, created: Type.Boolean() }) },
    errors: ['vault.too_many_accounts'],
  },
  getTradingAccount: {
    method: 'GET',
    path: '/accounts/{id}',
    summary: 'Read a trading account',
    params: byId,
    responses: { 200: tradingAccount },
    errors: ['vault.account_not_found'],
  },
  updateTradingAccount: {
    method: 'PATCH',
    path: '/accounts/{id}',
    summary: 'Rename, close or open a trading account',
    params: byId,
    body: Type.Object({
      account_name: Type.Optional(accountName),
      is_active: Type.Optional(Type.Boolean()),
    }),
    responses: { 200: tradingAccount },
    errors: ['vault.account_not_found', 'vault.nothing_given'],
  },
  deleteTradingAccount: {
    method: 'DELETE',
    path: '/accounts/{id}',
    summary: 'Delete a trading account with every credential in it',
    description: 'Needs a fresh session when one of its credentials is live.',
    params: byId,
    responses: { 200: success },
    errors: ['vault.account_not_found'],
  },
})

/** A member's broker keys. */
export const credentialsContract = defineContract({
  storeCredential: {
    method: 'POST',
    path: '/credentials/store',
    summary: 'Store a broker key',
    description:
      'The key is tried at the broker first, unless `validate` is false; one that the broker refuses is not stored. A live key needs a fresh session.',
    body: Type.Object({
      account_id: uuid,
      credential_type: Type.String({ minLength: 1, maxLength: vaultLimits.credentialType }),
      api_key: keyText('The id of the key.'),
      secret_key: keyText('Its secret.'),
      nickname: Type.Optional(nickname),
      validate: Type.Optional(Type.Boolean({ default: true })),
      expires_at: Type.Optional(nullable(instantInput)),
    }),
    responses: { 201: credential },
    errors: [
      'vault.account_not_found',
      'vault.type_unknown',
      'vault.key_refused',
      'vault.expiry_invalid',
      'vault.already_stored',
      'vault.too_many_credentials',
      'vault.unavailable',
    ],
  },
  listCredentials: {
    method: 'GET',
    path: '/credentials',
    summary: 'List your broker keys, the latest first',
    query: listQueryWith({
      account_id: Type.Optional(uuid),
      credential_type: Type.Optional(Type.String({ minLength: 1, maxLength: vaultLimits.credentialType })),
      is_active: Type.Optional(Type.Boolean()),
    }),
    responses: {
      200: Type.Object({
        status: Type.Literal('success'),
        credentials: Type.Array(credential),
        count: Type.Integer({ minimum: 0, description: 'How many `credentials` there are in this answer.' }),
        ...pageOf(credential).properties,
      }),
    },
    errors: ['vault.cursor_invalid'],
  },
  getActiveCredential: {
    method: 'GET',
    path: '/credentials/active',
    summary: 'Read which broker key you have chosen',
    description:
      'Nothing is ever chosen for you. A choice stays until you choose anew, whatever becomes of the key.',
    responses: { 200: activeCredential },
    errors: [],
  },
  chooseActiveCredential: {
    method: 'PUT',
    path: '/credentials/active',
    summary: 'Choose a broker key of yours, or none',
    body: Type.Object({ credential_id: nullable(uuid) }),
    responses: { 200: activeCredential },
    errors: ['vault.credential_not_found', 'vault.credential_inactive'],
  },
  listDeletedCredentials: {
    method: 'GET',
    path: '/credentials/deleted',
    summary: 'List your broker keys that were deleted, the latest first',
    description:
      'What was done with each is still read by its id. A trading account that is deleted takes its keys out of this list. `total` and `skip` go no further than 10,000; a cursor leads on to the first one.',
    query: listQueryWith({}),
    responses: { 200: pageOf(deletedCredential) },
    errors: ['vault.cursor_invalid'],
  },
  getCredential: {
    method: 'GET',
    path: '/credentials/{id}',
    summary: 'Read what is known of a broker key',
    params: byId,
    responses: { 200: credential },
    errors: ['vault.credential_not_found'],
  },
  updateCredential: {
    method: 'PUT',
    path: '/credentials/{id}',
    summary: 'Rename, switch off or on, make default, let expire, or replace a broker key',
    description:
      'What is left out stays. A new pair is tried at the broker; until it is proven, the old one is kept. Of a live key, a new pair, a later expiry, switching on and enabling trading need a fresh session.',
    params: byId,
    headers: ifMatch,
    body: Type.Object({
      nickname: Type.Optional(nickname),
      is_active: Type.Optional(Type.Boolean()),
      is_default: Type.Optional(Type.Boolean()),
      is_trading_enabled: Type.Optional(Type.Boolean()),
      expires_at: Type.Optional(nullable(instantInput)),
      api_key: Type.Optional(keyText('The id of the new key; only together with `secret_key`.')),
      secret_key: Type.Optional(keyText('The secret of the new key; only together with `api_key`.')),
    }),
    responses: { 200: credential },
    errors: [
      'vault.credential_not_found',
      'vault.nothing_given',
      'vault.credential_inactive',
      'vault.version_stale',
      'vault.pair_incomplete',
      'vault.key_refused',
      'vault.expiry_invalid',
      'vault.already_stored',
      'vault.broker_rate_limited',
      'vault.broker_unreachable',
      'vault.unavailable',
    ],
  },
  deleteCredential: {
    method: 'DELETE',
    path: '/credentials/{id}',
    summary: 'Destroy a broker key',
    description: 'The sealed key is gone at once and for good. A live key needs a fresh session.',
    params: byId,
    headers: ifMatch,
    responses: { 204: Type.Null() },
    errors: ['vault.credential_not_found', 'vault.version_stale'],
  },
  validateCredential: {
    method: 'POST',
    path: '/credentials/{id}/validate',
    summary: 'Try a broker key at its broker',
    params: byId,
    responses: {
      200: Type.Object({
        is_valid: Type.Boolean(),
        message: Type.String({ description: 'The result in one sentence.' }),
        account_type: nullable(oneOf(environments)),
        outcome: oneOf(outcomes),
      }),
    },
    errors: [
      'vault.credential_not_found',
      'vault.credential_inactive',
      'vault.broker_unreachable',
      'vault.too_many_uses',
      'vault.credential_unreadable',
      'vault.unavailable',
    ],
  },
  listCredentialAudit: {
    method: 'GET',
    path: '/credentials/{id}/audit',
    summary: 'List what was done with a broker key, the latest first',
    description:
      'Also of a key that was deleted, unless its trading account was deleted too. `total` and `skip` go no further than 10,000; a cursor leads on to the first entry.',
    params: byId,
    query: listQueryWith({}),
    responses: { 200: pageOf(credentialAuditEntry) },
    errors: ['vault.credential_not_found', 'vault.cursor_invalid'],
  },
})
