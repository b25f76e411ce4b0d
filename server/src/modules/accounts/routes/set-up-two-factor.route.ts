import { twoFactorContract } from '@outcry/contract/two-factor'
import { defineRoute } from '../../../platform/http/route.ts'
import { authBodyLimit } from '../../../platform/http/server.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { askingIn } from './asking.ts'
import { proofLimit } from './limits.ts'

/** Shows a new seed and new backup codes, this once. */
export const setUpTwoFactorRoute = defineRoute(twoFactorContract.setUpTwoFactor, {
  access: 'fresh',
  limit: proofLimit,
  bodyLimit: authBodyLimit,
  handle(call, { twoFactor }: AccountsServices) {
    return twoFactor.setUp(askingIn(call))
  },
})
