import { succeeded } from '@outcry/contract/conventions'
import { passwordsContract } from '@outcry/contract/passwords'
import { defineRoute } from '../../../platform/http/route.ts'
import { authBodyLimit } from '../../../platform/http/server.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { clientFacts } from './client-facts.ts'
import { mailedLinkLimit } from './limits.ts'

/** Has a link mailed that sets a new password. Says the same about every address. */
export const requestPasswordResetRoute = defineRoute(passwordsContract.requestPasswordReset, {
  access: 'anyone',
  limit: mailedLinkLimit('password-reset'),
  bodyLimit: authBodyLimit,
  async handle({ body, request }, { passwords }: AccountsServices) {
    await passwords.requestLink('password_reset', body.email, clientFacts(request))
    return succeeded('If an account has this address, a mail with a link is on its way to it.')
  },
})
