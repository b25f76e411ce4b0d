import { createSql } from '../../platform/db/index.ts'
import { emailVerificationTokens } from './email-verification-token.table.ts'
import { blocks, follows } from './relation.table.ts'
import { sessions } from './session.table.ts'
import { users } from './user.table.ts'

/** In the order in which they can be created. */
export const accountsTables = [users, sessions, emailVerificationTokens, follows, blocks] as const

/** Builds statements on this module's tables, and on no other's. */
export const sql = createSql(...accountsTables)
