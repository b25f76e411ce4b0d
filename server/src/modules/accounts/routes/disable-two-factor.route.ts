import { succeeded } from '@outcry/contract/conventions'
import { twoFactorContract } from '@outcry/contract/two-factor'
import { defineRoute } from '../../../platform/http/route.ts'
import { authBodyLimit } from '../../../platform/http/server.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { askingIn } from './asking.ts'
import { proofLimit } from './limits.ts'

/** Switches two-factor sign-in off for who shows the password and a code. */
export const disableTwoFactorRoute = defineRoute(twoFactorContract.disableTwoFactor, {
  access: 'signed-in',
  limit: proofLimit,
  bodyLimit: authBodyLimit,
  async handle(call, { twoFactor }: AccountsServices) {
    const { password, code } = call.body
    await twoFactor.disable({ password, code }, askingIn(call))
    return succeeded('Two-factor sign-in is disabled, and every other session has ended.')
  },
})
