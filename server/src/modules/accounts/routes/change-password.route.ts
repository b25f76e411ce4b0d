import { succeeded } from '@outcry/contract/conventions'
import { passwordsContract } from '@outcry/contract/passwords'
import { MINUTE } from '../../../platform/durations.ts'
import { defineRoute } from '../../../platform/http/route.ts'
import { authBodyLimit } from '../../../platform/http/server.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { clientFacts } from './client-facts.ts'
import { sessionOf } from './session-of.ts'

/** Changes your password for who knows the present one. */
export const changePasswordRoute = defineRoute(passwordsContract.changePassword, {
  access: 'signed-in',
  limit: { per: 'account', name: 'change-password', max: 10, windowMs: MINUTE },
  bodyLimit: authBodyLimit,
  async handle({ actor, body, request }, { passwords }: AccountsServices) {
    const change = { current: body.current_password, next: body.new_password }
    await passwords.changePassword(change, sessionOf(actor), clientFacts(request))
    return succeeded('Your password is changed, and every other session has ended.')
  },
})
