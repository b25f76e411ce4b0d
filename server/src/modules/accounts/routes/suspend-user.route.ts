import { succeeded } from '@outcry/contract/conventions'
import { userAdministrationContract } from '@outcry/contract/user-administration'
import { defineRoute } from '../../../platform/http/route.ts'
import { accountsErrors } from '../accounts.errors.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { actingIn } from './acting.ts'

/** Suspends a member, for a time or until further notice. */
export const suspendUserRoute = defineRoute(userAdministrationContract.suspendUser, {
  access: { role: 'admin' },
  limit: 'default',
  notFound: accountsErrors.userNotFound,
  async handle({ params, body, ...call }, { administration }: AccountsServices) {
    const until = administration.readEnd(body.until, 'body.until')
    const standing = { status: 'suspended', reason: body.reason, until } as const
    await administration.setStanding(actingIn(call), params.id, standing)
    return succeeded('The account is suspended.')
  },
})
