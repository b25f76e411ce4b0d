import { succeeded } from '@outcry/contract/conventions'
import { usersContract } from '@outcry/contract/users'
import { defineRoute } from '../../../platform/http/route.ts'
import { accountsErrors } from '../accounts.errors.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { actingIn } from './acting.ts'
import { endingSession } from './browser-session.ts'
import { deletionLimit } from './limits.ts'

/** Deletes an account for good. */
export const deleteUserRoute = defineRoute(usersContract.deleteUser, {
  access: 'fresh-where-due',
  limit: deletionLimit,
  notFound: accountsErrors.userNotFound,
  async handle({ params, ...call }, { deleteUser, sessions }: AccountsServices) {
    await deleteUser(actingIn(call), params.id)
    return endingSession(succeeded('The account is deleted.'), call.request, sessions)
  },
})
