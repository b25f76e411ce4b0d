import { succeeded } from '@outcry/contract/conventions'
import { userAdministrationContract } from '@outcry/contract/user-administration'
import { defineRoute } from '../../../platform/http/route.ts'
import { accountsErrors } from '../accounts.errors.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { actingIn } from './acting.ts'

/** Closes an account until it is opened again. */
export const deactivateUserRoute = defineRoute(userAdministrationContract.deactivateUser, {
  access: { role: 'admin' },
  limit: 'default',
  notFound: accountsErrors.userNotFound,
  async handle({ params, body: { reason }, ...call }, { administration }: AccountsServices) {
    await administration.setStanding(actingIn(call), params.id, { status: 'inactive', reason })
    return succeeded('The account is closed.')
  },
})
