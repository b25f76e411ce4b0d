import { succeeded } from '@outcry/contract/conventions'
import { sessionsContract } from '@outcry/contract/sessions'
import { defineRoute } from '../../../platform/http/route.ts'
import { authBodyLimit } from '../../../platform/http/server.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { askingIn } from './asking.ts'
import { flowOf } from './browser-flow.ts'
import { proofLimit } from './limits.ts'

/** Makes the session fresh for who proves again that it is theirs. */
export const reauthenticateRoute = defineRoute(sessionsContract.reauthenticate, {
  access: 'signed-in',
  limit: proofLimit,
  bodyLimit: authBodyLimit,
  async handle(call, { twoFactor }: AccountsServices) {
    const { password, code, passkey } = call.body
    const shown = { password, code, passkey, browserHash: flowOf(call.request) }
    await twoFactor.reauthenticate(shown, askingIn(call))
    return succeeded('You have proven that it is you; for five minutes you may do what asks for that.')
  },
})
