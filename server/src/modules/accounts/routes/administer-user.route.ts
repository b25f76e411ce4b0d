import { userAdministrationContract } from '@outcry/contract/user-administration'
import { defineRoute } from '../../../platform/http/route.ts'
import { accountsErrors } from '../accounts.errors.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { viewUserFull } from '../users/user.view.ts'
import { actingIn } from './acting.ts'

/** Changes the role, status or verification of another member. */
export const administerUserRoute = defineRoute(userAdministrationContract.administerUser, {
  access: { role: 'admin' },
  limit: 'default',
  notFound: accountsErrors.userNotFound,
  async handle({ params, body, ...call }, { administration }: AccountsServices) {
    const { role, status, is_verified: isVerified, suspension_reason, suspension_expires_at } = body
    const until = administration.readEnd(suspension_expires_at, 'body.suspension_expires_at')
    const change = { role, status, isVerified, reason: suspension_reason, until }
    return viewUserFull(await administration.administer(actingIn(call), params.id, change))
  },
})
