import { accountsContract } from '@outcry/contract/accounts'
import { succeeded } from '@outcry/contract/conventions'
import { defineRoute } from '../../../platform/http/route.ts'
import { authBodyLimit } from '../../../platform/http/server.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { clientFacts } from './client-facts.ts'
import { mailedLinkLimit } from './limits.ts'

/** Has another verification mail sent to a pending member. Says the same about every address. */
export const resendVerificationRoute = defineRoute(accountsContract.resendVerification, {
  access: 'anyone',
  limit: mailedLinkLimit('resend-verification'),
  bodyLimit: authBodyLimit,
  async handle({ body, request }, { passwords }: AccountsServices) {
    await passwords.requestLink('verification', body.email, clientFacts(request))
    return succeeded('If an account waits for this address to be verified, a mail is on its way to it.')
  },
})
