import { createSql } from '../../platform/db/index.ts'
import { emailChangeTokens } from './email-change/email-change-token.table.ts'
import { emailUndoTokens } from './email-change/email-undo-token.table.ts'
import { passkeyChallenges, passkeys } from './passkeys/passkey.table.ts'
import { passwordResetTokens } from './passwords/password-reset-token.table.ts'
import { personalAccessTokens } from './personal-tokens/personal-token.table.ts'
import { emailVerificationTokens } from './registration/email-verification-token.table.ts'
import { blocks, follows, mutes } from './relations/relation.table.ts'
import { sessions } from './sessions/session.table.ts'
import { pendingSignIns } from './two-factor/pending-sign-in.table.ts'
import { recoveryCodes } from './two-factor/recovery-code.table.ts'
import { users } from './users/user.table.ts'

/** In the order in which they can be created. */
export const accountsTables = [
  users,
  sessions,
  emailVerificationTokens,
  passwordResetTokens,
  follows,
  blocks,
  mutes,
  recoveryCodes,
  pendingSignIns,
  passkeys,
  passkeyChallenges,
  personalAccessTokens,
  emailChangeTokens,
  emailUndoTokens,
] as const

/** Builds statements on this module's tables, and on no other's. */
export const sql = createSql(...accountsTables)
