import type { Audit } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Db } from '../../../platform/db/index.ts'
import type { ReadPage } from '../../../platform/paging/read-page.ts'
import type { Notify } from '../notices.ts'
import type { Site } from '../registration/verification-mail.ts'
import type { CompleteSignIn } from '../sessions/complete-sign-in.ts'
import type { EndAccess } from '../sessions/end-access.ts'
import { createAddPasskey } from './add-passkey.ts'
import { createManagePasskeys } from './manage-passkeys.ts'
import { createPasskeyChallenges } from './passkey-challenges.ts'
import { createProvePasskey } from './prove-passkey.ts'
import { createRelyingParty } from './relying-party.ts'
import { createSignInWithPasskey } from './sign-in-with-passkey.ts'

export interface PasskeysOptions {
  readonly db: Db
  readonly clock: Clock
  readonly newId: () => string
  readonly site: Site
  readonly audit: Audit
  readonly notify: Notify
  readonly endAccess: EndAccess
  readonly completeSignIn: CompleteSignIn
  readonly readPage: ReadPage
}

/** Passkeys (C18): adding, naming and removing them, and proving with one who one is. */
export function createPasskeys(options: PasskeysOptions) {
  const relyingParty = createRelyingParty(options.site)
  const challenges = createPasskeyChallenges(options)
  const provePasskey = createProvePasskey({ ...options, challenges, relyingParty })
  return {
    adding: createAddPasskey({ ...options, challenges, relyingParty }),
    own: createManagePasskeys(options),
    signingIn: createSignInWithPasskey({ ...options, challenges, relyingParty, provePasskey }),
    proving: provePasskey,
  }
}
