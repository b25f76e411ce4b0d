import { twoFactorContract } from '@outcry/contract/two-factor'
import { defineRoute } from '../../../platform/http/route.ts'
import { authBodyLimit } from '../../../platform/http/server.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { askingIn } from './asking.ts'
import { proofLimit } from './limits.ts'

/** Shows ten new backup codes, this once. */
export const renewBackupCodesRoute = defineRoute(twoFactorContract.renewBackupCodes, {
  access: 'fresh',
  limit: proofLimit,
  bodyLimit: authBodyLimit,
  async handle(call, { twoFactor }: AccountsServices) {
    return { backup_codes: await twoFactor.renewBackupCodes(askingIn(call)) }
  },
})
