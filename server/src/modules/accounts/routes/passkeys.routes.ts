import { addPasskeyRoute } from './add-passkey.route.ts'
import { listPasskeysRoute } from './list-passkeys.route.ts'
import { passkeyLoginRoute } from './passkey-login.route.ts'
import { passkeyLoginOptionsRoute } from './passkey-login-options.route.ts'
import { passkeyOptionsRoute } from './passkey-options.route.ts'
import { removePasskeyRoute } from './remove-passkey.route.ts'
import { renamePasskeyRoute } from './rename-passkey.route.ts'

/** The routes of `passkeys`, by the names of their contract. */
export const passkeyRoutes = {
  passkeyOptions: passkeyOptionsRoute,
  addPasskey: addPasskeyRoute,
  listPasskeys: listPasskeysRoute,
  renamePasskey: renamePasskeyRoute,
  removePasskey: removePasskeyRoute,
  passkeyLoginOptions: passkeyLoginOptionsRoute,
  passkeyLogin: passkeyLoginRoute,
} as const
