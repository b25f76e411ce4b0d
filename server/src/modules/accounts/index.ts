import { userRoles } from '@outcry/contract/accounts'
import type { Config } from '../../config/config.ts'
import type { Audit } from '../../platform/audit/audit.ts'
import type { Clock } from '../../platform/clock.ts'
import { createAccessTokens } from '../../platform/crypto/access-token.ts'
import type { KeyRing } from '../../platform/crypto/key-ring.ts'
import type { PasswordHasher } from '../../platform/crypto/password-hash.ts'
import type { PasswordRules } from '../../platform/crypto/password-rules.ts'
import type { Sealer } from '../../platform/crypto/sealed.ts'
import type { SignedCursors } from '../../platform/crypto/signed-cursor.ts'
import type { Db, Tx } from '../../platform/db/index.ts'
import type { RateLimitStore } from '../../platform/http/rate-limit.ts'
import type { Idempotency } from '../../platform/idempotency/idempotency.ts'
import type { Events } from '../../platform/jobs/events.ts'
import type { Jobs } from '../../platform/jobs/jobs.ts'
import type { Logger } from '../../platform/log/logger.ts'
import type { Mail } from '../../platform/mail/mail.ts'
import { createReadPage } from '../../platform/paging/read-page.ts'
import type { Signals } from '../../platform/signals/signals.ts'
import type { Throttle } from '../../platform/throttle/throttle.ts'
import { accountsErrors } from './accounts.errors.ts'
import type { AccountsServices } from './accounts.services.ts'
import { createAccountEvents } from './activity/account-events.ts'
import { createAccountsAdmin } from './administration/admin.ts'
import { createUserAdministration } from './administration/user-administration.ts'
import { cleanAccounts } from './clean-accounts.ts'
import { createEmailChange } from './email-change/email-change.ts'
import { createMemberImport } from './import/import-members.ts'
import { createNotices, createNotifyMember } from './notices.ts'
import { createPasskeys } from './passkeys/passkeys.ts'
import { createNoteFailure } from './passwords/lockout.ts'
import { createPasswords } from './passwords/password.ts'
import { createPasswordFlows } from './passwords/password-flows.ts'
import { createPasswordProofs } from './passwords/prove-password.ts'
import { createAuthenticateToken } from './personal-tokens/authenticate-token.ts'
import { type AssertOwnCredential, createPersonalTokens } from './personal-tokens/personal-tokens.ts'
import { createCreateUser } from './registration/create-user.ts'
import { createRegister } from './registration/register.ts'
import { createSetup } from './registration/setup.ts'
import { createVerification } from './registration/verification.ts'
import { createVerifyEmail } from './registration/verify-email.ts'
import { createRelations } from './relations/relations.ts'
import { accountsRoutes } from './routes/accounts.routes.ts'
import { createAuthentication } from './sessions/authenticate.ts'
import { createCompleteSignIn } from './sessions/complete-sign-in.ts'
import { createEndAccess } from './sessions/end-access.ts'
import { holdMember } from './sessions/hold-member.ts'
import { createRefreshSession } from './sessions/refresh-session.ts'
import { createSessionTokens } from './sessions/session-tokens.ts'
import { createSessionWatch } from './sessions/session-watch.ts'
import { createSessions } from './sessions/sessions.ts'
import { createSignIn } from './sessions/sign-in.ts'
import { createSignedInUsers, type SessionOf } from './sessions/signed-in-users.ts'
import { createAskForSecondFactor } from './two-factor/pending-sign-ins.ts'
import { createTwoFactor } from './two-factor/two-factor.ts'
import { createMembers } from './users/members.ts'
import { createUpdateProfile } from './users/profile.ts'
import { createSearchMembers } from './users/search-members.ts'
import { hasAdmin } from './users/user.store.ts'

export { accountsErrors } from './accounts.errors.ts'
export { userDeleted } from './accounts.events.ts'
export { accountsTables } from './accounts.tables.ts'
export type { AccountsAdmin } from './administration/admin.ts'
export type { AddedMembers, MemberImport, Standing, UniqueField } from './import/import-members.ts'
export { type MemberLine, memberLine } from './import/member-line.ts'
export { MemberLineError, type MemberToAdd } from './import/read-member.ts'
export { accountsMigrations } from './migrations/accounts.migrations.ts'
export type { Notice, NotifyMember } from './notices.ts'
export type { Granted, Registration } from './registration/create-user.ts'
export type { SessionOf } from './sessions/signed-in-users.ts'
export { voidProofs } from './void-proofs.ts'
export { userRoles }

/** What this module is built from. */
export interface AccountsDependencies {
  readonly config: Pick<
    Config,
    'publicUrl' | 'siteName' | 'signup' | 'accessTokenTtlSeconds' | 'refreshGraceSeconds'
  >
  readonly db: Db
  readonly clock: Clock
  readonly newId: () => string
  readonly keys: KeyRing
  readonly sealer: Sealer
  readonly cursors: SignedCursors
  readonly hasher: PasswordHasher
  readonly passwordRules: PasswordRules
  readonly events: Pick<Events, 'emit'>
  readonly jobs: Pick<Jobs, 'repeat' | 'enqueue' | 'handle'>
  /** Counts that all processes share. */
  readonly sharedRateLimits: RateLimitStore
  readonly mail: Mail
  readonly throttle: Throttle
  readonly audit: Audit
  readonly signals: Signals
  readonly log: Pick<Logger, 'error'>
  readonly idempotency: Pick<Idempotency, 'complete'>
  /** Throws unless a broker credential belongs to a member; for tokens that are bound to one. */
  readonly assertOwnCredential: AssertOwnCredential
}

/** Members, their sign-in and their sessions. Other modules ask here who somebody is; they never read its tables. */
export function createAccounts(dependencies: AccountsDependencies) {
  const { config, db, clock, newId, keys, mail, throttle, audit } = dependencies
  const origin = config.publicUrl.origin
  const accessTokens = createAccessTokens({
    keys: keys.tokenSigning,
    issuer: origin,
    audience: origin,
    ttlSeconds: config.accessTokenTtlSeconds,
    clock,
  })
  const tokens = createSessionTokens({ clock, newId, accessTokens, refreshKeys: keys.refreshToken })
  const passwords = createPasswords(dependencies.hasher, dependencies.passwordRules)
  const site = { name: config.siteName, publicUrl: config.publicUrl }
  const askForVerification = createVerification({ clock, newId, mail, site })
  const notify = createNotices({ clock, mail, site })
  const noteFailure = createNoteFailure({ ...dependencies, notify })
  const proofs = createPasswordProofs({ db, passwords, throttle, noteFailure })
  const createUser = createCreateUser({ db, clock, newId, passwords })
  const signedInUsers = createSignedInUsers({ db, signals: dependencies.signals })
  const endAccess = createEndAccess({ clock, signedInUsers })
  const completeSignIn = createCompleteSignIn({ clock, tokens, audit, notify, signedInUsers })
  const rates = dependencies.sharedRateLimits
  const authenticateToken = createAuthenticateToken({ db, clock, audit, rates })
  const authentication = createAuthentication({ clock, accessTokens, signedInUsers, authenticateToken })
  const readPage = createReadPage(dependencies.cursors, accountsErrors.cursorInvalid)
  const members = createMembers({ db, readPage, rowOf: authentication.rowOf })
  const shared = {
    ...dependencies,
    site,
    tokens,
    passwords,
    askForVerification,
    notify,
    ...proofs,
    createUser,
    signedInUsers,
    endAccess,
    completeSignIn,
    readPage,
    members,
  }
  const passkeys = createPasskeys(shared)
  const setup = createSetup(shared)
  const services: AccountsServices = {
    register: createRegister({ ...shared, signup: config.signup }),
    verifyEmail: createVerifyEmail(shared),
    signIn: createSignIn({ ...shared, askForSecondFactor: createAskForSecondFactor(shared) }),
    refreshSession: createRefreshSession({ ...shared, graceMs: config.refreshGraceSeconds * 1000 }),
    sessions: createSessions(shared),
    passwords: createPasswordFlows(shared),
    emailChange: createEmailChange(shared),
    members,
    accountEvents: createAccountEvents(shared),
    ...createUserAdministration(shared),
    setup,
    updateProfile: createUpdateProfile(shared),
    searchMembers: createSearchMembers(shared),
    relations: createRelations(shared),
    passkeys,
    twoFactor: createTwoFactor({ ...shared, provePasskey: passkeys.proving }),
    personalTokens: createPersonalTokens(shared),
    idempotency: dependencies.idempotency,
  }
  const admin = createAccountsAdmin(shared)
  cleanAccounts(dependencies.jobs, { db, clock })
  return {
    routes: accountsRoutes(services),
    /** Who an access token or a personal access token belongs to, as the account is at this moment. */
    authenticate: authentication.authenticate,
    /**
     * Holds the member who acts, and their session, until the transaction ends; false when that session was ended, or the
     * account closed, since the request came in. For decisions on several things of one member.
     */
    holdMember: async (tx: Tx, actor: SessionOf): Promise<boolean> =>
      (await holdMember(tx, actor, clock.now())) !== undefined,
    /** For what goes on after a request: whether a session still stands. */
    sessionWatch: createSessionWatch(shared),
    /** Tells a member by mail what happened to something of theirs (C49), in the transaction of it. */
    notifyMember: createNotifyMember(notify),
    /** What the operator may do from the command line. */
    admin,
    /** Bringing members over from another platform, from the command line. */
    memberImport: createMemberImport(shared),
    /** A token for the page where the first administrator is made; `undefined` when there is one. */
    offerSetup: setup.offer,
    /** Whether anybody can administrate this instance yet. */
    hasAdmin: () => hasAdmin(db),
  }
}

export type Accounts = ReturnType<typeof createAccounts>
