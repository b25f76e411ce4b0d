import { succeeded } from '@outcry/contract/conventions'
import { passwordsContract } from '@outcry/contract/passwords'
import { MINUTE } from '../../../platform/durations.ts'
import { defineRoute } from '../../../platform/http/route.ts'
import { authBodyLimit } from '../../../platform/http/server.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { endingSession } from './browser-session.ts'
import { clientFacts } from './client-facts.ts'

/** Sets a new password; only this POST does, never a GET of the mailed link. */
export const confirmPasswordResetRoute = defineRoute(passwordsContract.confirmPasswordReset, {
  access: 'anyone',
  limit: { per: 'address', name: 'password-reset-confirm', max: 10, windowMs: MINUTE, shared: true },
  bodyLimit: authBodyLimit,
  async handle({ body, request }, { passwords, sessions }: AccountsServices) {
    await passwords.resetPassword({ token: body.token, password: body.new_password }, clientFacts(request))
    return endingSession(succeeded('Your new password is set; sign in with it.'), request, sessions)
  },
})
