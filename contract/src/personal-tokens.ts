import { Type } from 'typebox'
import { accountLimits } from './accounts.ts'
import { instant, instantInput, nullable, oneOf, record, singleLine, success, uuid } from './conventions.ts'
import { defineContract } from './endpoint.ts'

/** What a personal access token may be allowed to do. Signing in, security settings and administration are never among it. */
export const tokenScopes = ['account:read', 'account:write', 'users:read', 'social:write'] as const
/** One of `tokenScopes`. */
export type TokenScope = (typeof tokenScopes)[number]

const tokenFields = {
  name: Type.String(),
  last_four: Type.String({ description: 'The last four characters of the token.' }),
  scopes: Type.Array(oneOf(tokenScopes)),
  expires_at: nullable(instant),
  last_used_at: nullable(instant),
}

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
    }),
    responses: { 201: newPersonalToken },
    errors: ['accounts.token_expiry_invalid', 'accounts.too_many_tokens'],
  },
  listPersonalTokens: {
    method: 'GET',
    path: '/auth/tokens',
    summary: 'List your personal access tokens, the latest first',
    responses: {
      200: Type.Object({ items: Type.Array(personalToken), total: Type.Integer({ minimum: 0 }) }),
    },
    errors: [],
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
