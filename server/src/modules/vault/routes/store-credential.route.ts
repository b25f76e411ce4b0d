import { credentialsContract } from '@outcry/contract/vault'
import type { Tx } from '../../../platform/db/index.ts'
import { defineRoute } from '../../../platform/http/route.ts'
import type { CredentialRow } from '../credential.table.ts'
import type { VaultServices } from '../vault.services.ts'
import { actingIn } from './acting-in.ts'
import { credentialAnswer } from './credential-answer.ts'
import { newPairLimit } from './limits.ts'
import { nicknameIn } from './nickname-in.ts'

const jsonAnswer = { status: 201, contentType: 'application/json; charset=utf-8' } as const

/** Stores a broker key. */
export const storeCredentialRoute = defineRoute(credentialsContract.storeCredential, {
  access: 'fresh-where-due',
  limit: 'default',
  countedByHandler: [newPairLimit],
  idempotent: true,
  async handle(call, { storeCredential, countNewPair, idempotency }: VaultServices) {
    const by = actingIn(call)
    await countNewPair(by.userId)
    const { body, idempotencyToken } = call
    // Note: the answer is kept together with the credential, so that asking again after a crash stores no second one.
    const keepAnswer = async (tx: Tx, row: CredentialRow) => {
      if (idempotencyToken === undefined) return
      const { body, headers } = credentialAnswer(row)
      const answer = { ...jsonAnswer, ...headers, body: JSON.stringify(body) }
      await idempotency.complete(tx, idempotencyToken, answer)
    }
    const row = await storeCredential(by, {
      accountId: body.account_id,
      type: body.credential_type,
      pair: { apiKey: body.api_key, secretKey: body.secret_key },
      nickname: nicknameIn(body.nickname),
      validate: body.validate ?? true,
      expiresAt: body.expires_at ? new Date(body.expires_at) : null,
      complete: keepAnswer,
    })
    return credentialAnswer(row)
  },
})
