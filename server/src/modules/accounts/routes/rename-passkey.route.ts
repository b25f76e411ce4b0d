import { passkeysContract } from '@outcry/contract/passkeys'
import { defineRoute } from '../../../platform/http/route.ts'
import { accountsErrors } from '../accounts.errors.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { viewPasskey } from '../passkeys/passkey.view.ts'

/** Gives one of your passkeys another name. */
export const renamePasskeyRoute = defineRoute(passkeysContract.renamePasskey, {
  access: 'fresh',
  limit: 'default',
  notFound: accountsErrors.passkeyNotFound,
  async handle({ actor, params, body }, { passkeys }: AccountsServices) {
    return viewPasskey(await passkeys.own.rename(actor.id, params.id, body.name))
  },
})
