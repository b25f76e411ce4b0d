import type { Idempotency } from '../../platform/idempotency/idempotency.ts'
import type { createAccountEvents } from './activity/account-events.ts'
import type { createUserAdministration } from './administration/user-administration.ts'
import type { createEmailChange } from './email-change/email-change.ts'
import type { createPasskeys } from './passkeys/passkeys.ts'
import type { createPasswordFlows } from './passwords/password-flows.ts'
import type { PersonalTokens } from './personal-tokens/personal-tokens.ts'
import type { createRegister } from './registration/register.ts'
import type { createSetup } from './registration/setup.ts'
import type { createVerifyEmail } from './registration/verify-email.ts'
import type { createRelations } from './relations/relations.ts'
import type { createRefreshSession } from './sessions/refresh-session.ts'
import type { createSessions } from './sessions/sessions.ts'
import type { createSignIn } from './sessions/sign-in.ts'
import type { createTwoFactor } from './two-factor/two-factor.ts'
import type { createMembers } from './users/members.ts'
import type { createUpdateProfile } from './users/profile.ts'
import type { createSearchMembers } from './users/search-members.ts'

/** What the routes of this module use. */
export interface AccountsServices extends ReturnType<typeof createUserAdministration> {
  readonly register: ReturnType<typeof createRegister>
  readonly verifyEmail: ReturnType<typeof createVerifyEmail>
  readonly signIn: ReturnType<typeof createSignIn>
  readonly refreshSession: ReturnType<typeof createRefreshSession>
  readonly sessions: ReturnType<typeof createSessions>
  readonly passwords: ReturnType<typeof createPasswordFlows>
  readonly emailChange: ReturnType<typeof createEmailChange>
  readonly setup: ReturnType<typeof createSetup>
  readonly updateProfile: ReturnType<typeof createUpdateProfile>
  readonly searchMembers: ReturnType<typeof createSearchMembers>
  readonly accountEvents: ReturnType<typeof createAccountEvents>
  readonly members: ReturnType<typeof createMembers>
  readonly passkeys: ReturnType<typeof createPasskeys>
  readonly twoFactor: ReturnType<typeof createTwoFactor>
  readonly personalTokens: PersonalTokens
  /** Keeps the answer of a request that may be sent again, in the transaction of its effect. */
  readonly idempotency: Pick<Idempotency, 'complete'>
  readonly relations: ReturnType<typeof createRelations>
}
