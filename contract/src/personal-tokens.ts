import { Type } from 'typebox'
import { accountLimits } from './accounts.ts'
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

/** What a personal access token may be allowed to do. Signing in, security settings and administration are never among it. */
export const tokenScopes = [
  'account:read',
  'account:write',
  'users:read',
  'social:write',
  'broker:read',
  'broker:trade',
] as const
/** One of `tokenScopes`; `broker:trade` includes what `broker:read` may. */
export type TokenScope = (typeof tokenScopes)[number]

/** How narrowly a token can be bound; lengths in characters, the same numbers as in the database. */
export const tokenLimits = {
  pathPatterns: 20,
  pathPattern: 200,
  addressRanges: 20,
  addressRange: 49,
  ratePerMinute: 300,
} as const

const tokenFields = {
  name: Type.String(),
  last_four: Type.String({ description: 'The last four characters of the token.' }),
  scopes: Type.Array(oneOf(tokenScopes)),
  expires_at: nullable(instant),
  last_used_at: nullable(instant),
  credential_id: nullable({
    ...uuid,
    description: 'The one broker key it may use; every one of its owner when null.',
  }),
  path_patterns: Type.Array(Type.String(), {
    description: 'What it may ask for at the broker through the gateway; everything when empty.',
  }),
  address_ranges: Type.Array(Type.String(), {
    description: 'Where it may be used from; anywhere when empty.',
  }),
  rate_per_minute: nullable(
    Type.Integer({ description: 'Requests a minute, beside the limits that everybody has.' }),
  ),
}

// Note: what a path can carry (RFC 3986, section 3.3), without query; the star is ours.
const inSegment = "[A-Za-z0-9._~!$&'()+,;=:@%-]*"
const pathPattern = Type.String({
  maxLength: tokenLimits.pathPattern,
  pattern: `^(?=/)(?:/${inSegment}(?:\\*${inSegment})?)*(?:/\\*\\*)?$`,
  description: 'A path at the broker, such as `/v2/orders/*` or `/v2/**`.',
  'x-refusal': 'must be a path such as /v2/orders/* or /v2/**, with at most one * in a segment',
})
const addressRange = Type.String({
  minLength: 1,
  maxLength: tokenLimits.addressRange,
  description: 'An address or a network, such as `192.0.2.7` or `2001:db8::/32`.',
})

/** A personal access token as its owner sees it later. */
export const personalToken = record('PersonalAccessToken', tokenFields)

/** The same right after it was made: the only time the token itself is shown. */
export const newPersonalToken = record('NewPersonalAccessToken', { ...tokenFields, token: Type.String() })

/** Tokens that members make for their own programs. */
export const personalTokensContract = defineContract({
  createPersonalToken: {
    method: 'POST',
    path: '/auth/tokens',
    summary: 'Make a personal access token',
    description:
      'With a broker scope it opens the gateway. In a path pattern `*` stands for anything within a segment and `**`, at the end, for all the rest; a token with patterns opens the gateway alone.',
    body: Type.Object({
      name: singleLine({ min: 1, max: accountLimits.tokenName }),
      scopes: Type.Array(oneOf(tokenScopes), {
        minItems: 1,
        maxItems: tokenScopes.length,
        uniqueItems: true,
      }),
      expires_at: Type.Optional(
        nullable({
          ...instantInput,
          description: 'At most a year from now; 90 days from now when left out.',
        }),
      ),
      credential_id: Type.Optional(
        nullable({ ...uuid, description: 'The one broker key of yours that it may use.' }),
      ),
      path_patterns: Type.Optional(
        Type.Array(pathPattern, { maxItems: tokenLimits.pathPatterns, uniqueItems: true }),
      ),
      address_ranges: Type.Optional(
        Type.Array(addressRange, { maxItems: tokenLimits.addressRanges, uniqueItems: true }),
      ),
      rate_per_minute: Type.Optional(
        nullable(Type.Integer({ minimum: 1, maximum: tokenLimits.ratePerMinute })),
      ),
    }),
    responses: { 201: newPersonalToken },
    errors: [
      'accounts.token_expiry_invalid',
      'accounts.address_range_invalid',
      'accounts.too_many_tokens',
      'vault.credential_not_found',
    ],
  },
  listPersonalTokens: {
    method: 'GET',
    path: '/auth/tokens',
    summary: 'List your personal access tokens, the latest first',
    query: listQueryWith({}),
    responses: { 200: pageOf(personalToken) },
    errors: ['accounts.cursor_invalid'],
  },
  revokePersonalToken: {
    method: 'DELETE',
    path: '/auth/tokens/{id}',
    summary: 'End a personal access token',
    params: Type.Object({ id: uuid }),
    responses: { 200: success },
    errors: ['accounts.personal_token_not_found'],
  },
})
