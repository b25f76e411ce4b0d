import { succeeded } from '@outcry/contract/conventions'
import { twoFactorContract } from '@outcry/contract/two-factor'
import { defineRoute } from '../../../platform/http/route.ts'
import { authBodyLimit } from '../../../platform/http/server.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { askingIn } from './asking.ts'
import { proofLimit } from './limits.ts'

/** Switches two-factor sign-in on for who shows a code of the new seed. */
export const verifyTwoFactorRoute = defineRoute(twoFactorContract.verifyTwoFactor, {
  access: 'signed-in',
  limit: proofLimit,
  bodyLimit: authBodyLimit,
  async handle(call, { twoFactor }: AccountsServices) {
    await twoFactor.verify(call.body.code, askingIn(call))
    return succeeded('Two-factor sign-in is enabled, and every other session has ended.')
  },
})
