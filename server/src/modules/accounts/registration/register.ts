import type { Audit } from '../../../platform/audit/audit.ts'
import { aboutUser, askedFrom } from '../accounts.audit.ts'
import { accountsErrors } from '../accounts.errors.ts'
import type { ClientFacts } from '../client-facts.ts'
import type { UserRow } from '../users/user.table.ts'
import type { CreateUser, Registration } from './create-user.ts'
import { assertUsernameMayBeUsed } from './user-names.ts'
import type { AskForVerification } from './verification.ts'

export interface RegisterOptions {
  /** Who may join; anything but `open` still refuses everybody. */
  readonly signup: string
  readonly createUser: CreateUser
  readonly askForVerification: AskForVerification
  readonly audit: Audit
}

/** Joining: makes a pending account and mails it a token. Throws what `CreateUser` does, and `accounts.signup_closed`. */
export function createRegister({ signup, createUser, askForVerification, audit }: RegisterOptions) {
  return async (registration: Registration, client: ClientFacts): Promise<UserRow> => {
    if (signup !== 'open') throw accountsErrors.signupClosed()
    assertUsernameMayBeUsed(registration.username, { isOperator: false })
    return createUser({
      registration,
      granted: {},
      async complete(tx, user) {
        await askForVerification(tx, user)
        await audit.record(tx, {
          action: 'account.registered',
          result: 'ok',
          actorId: user.id,
          ...aboutUser(user.id),
          ...askedFrom(client),
        })
      },
    })
  }
}
