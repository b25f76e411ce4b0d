import { succeeded } from '@outcry/contract/conventions'
import { passkeysContract } from '@outcry/contract/passkeys'
import { defineRoute } from '../../../platform/http/route.ts'
import { accountsErrors } from '../accounts.errors.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { clientFacts } from './client-facts.ts'
import { sessionOf } from './session-of.ts'

/** Takes away one of your passkeys; nobody signs in with it again. */
export const removePasskeyRoute = defineRoute(passkeysContract.removePasskey, {
  access: 'fresh',
  limit: 'default',
  notFound: accountsErrors.passkeyNotFound,
  async handle({ actor, params, request }, { passkeys }: AccountsServices) {
    await passkeys.own.remove(sessionOf(actor), { id: params.id, client: clientFacts(request) })
    return succeeded('The passkey was removed.')
  },
})
