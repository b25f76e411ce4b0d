import type { Clock } from '../../../platform/clock.ts'
import { createOpaqueToken, digestToken } from '../../../platform/crypto/opaque-token.ts'
import type { Tx } from '../../../platform/db/index.ts'
import { DAY } from '../../../platform/durations.ts'
import type { Mail } from '../../../platform/mail/mail.ts'
import type { UserRow } from '../users/user.table.ts'
import { insertEmailVerificationToken } from './email-verification-token.store.ts'
import { type Site, verificationMail } from './verification-mail.ts'

const TTL_MS = DAY

export interface VerificationOptions {
  readonly clock: Clock
  readonly newId: () => string
  readonly mail: Mail
  readonly site: Site
}

/** Asks a member to prove their address, in the transaction of what makes that necessary. */
export type AskForVerification = (tx: Tx, user: Pick<UserRow, 'id' | 'email' | 'username'>) => Promise<void>

/** The database keeps the token's digest; the token itself travels in the sealed mail alone. */
export function createVerification({ clock, newId, mail, site }: VerificationOptions): AskForVerification {
  return async (tx, { id, email, username }) => {
    const token = createOpaqueToken()
    const now = clock.now()
    await insertEmailVerificationToken(tx, {
      id: newId(),
      user_id: id,
      created_at: now,
      token_hash: digestToken(token),
      expires_at: new Date(now.getTime() + TTL_MS),
    })
    await mail.queue(tx, verificationMail({ to: email, username, token, site }))
  }
}
