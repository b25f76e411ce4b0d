import { personalTokensContract } from '@outcry/contract/personal-tokens'
import type { Tx } from '../../../platform/db/index.ts'
import { HOUR } from '../../../platform/durations.ts'
import { unauthenticated, validationFailed } from '../../../platform/http/http-errors.ts'
import { defineRoute } from '../../../platform/http/route.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { viewNewPersonalToken } from '../personal-tokens/personal-token.view.ts'
import type { MadeToken } from '../personal-tokens/personal-tokens.ts'
import { clientFacts } from './client-facts.ts'
import { sessionOf } from './session-of.ts'

const jsonAnswer = { status: 201, contentType: 'application/json; charset=utf-8' } as const

function nameOf(text: string): string {
  const name = text.trim()
  if (name === '') throw validationFailed([{ path: 'body.name', message: 'must not be empty' }])
  return name
}

/** Makes a personal access token and shows it, once. */
export const createPersonalTokenRoute = defineRoute(personalTokensContract.createPersonalToken, {
  access: 'fresh',
  limit: { per: 'account', name: 'personal-token', max: 10, windowMs: HOUR, shared: true },
  idempotent: true,
  async handle({ actor, body, request, idempotencyToken }, services: AccountsServices) {
    const { personalTokens, idempotency } = services
    // Note: the answer is kept together with the token, so that asking again after a crash makes no second one.
    const keepAnswer = async (tx: Tx, fresh: MadeToken) => {
      if (idempotencyToken === undefined) return
      const answer = { ...jsonAnswer, body: JSON.stringify(viewNewPersonalToken(fresh)) }
      await idempotency.complete(tx, idempotencyToken, answer)
    }
    const made = await personalTokens.create(sessionOf(actor), {
      name: nameOf(body.name),
      scopes: body.scopes,
      expiresAt: body.expires_at ? new Date(body.expires_at) : undefined,
      bounds: {
        credentialId: body.credential_id ?? null,
        pathPatterns: body.path_patterns ?? [],
        addressRanges: body.address_ranges ?? [],
        ratePerMinute: body.rate_per_minute ?? null,
      },
      client: clientFacts(request),
      complete: keepAnswer,
    })
    if (!made) throw unauthenticated()
    return viewNewPersonalToken(made)
  },
})
