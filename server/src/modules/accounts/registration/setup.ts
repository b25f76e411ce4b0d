import type { Audit } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import { createOpaqueToken, digestToken, equalDigests } from '../../../platform/crypto/opaque-token.ts'
import type { Db, Tx } from '../../../platform/db/index.ts'
import { DAY } from '../../../platform/durations.ts'
import { readState, takeState, writeState } from '../../../platform/state/state.ts'
import { aboutUser, askedFrom } from '../accounts.audit.ts'
import { accountsErrors } from '../accounts.errors.ts'
import { holdAdministration } from '../administration/administrators.ts'
import type { ClientFacts } from '../client-facts.ts'
import { hasAdmin, hasOtherAdmin } from '../users/user.store.ts'
import type { UserRow } from '../users/user.table.ts'
import type { CreateUser, Registration } from './create-user.ts'
import { assertUsernameMayBeUsed } from './user-names.ts'

const LIFE_MS = DAY
const action = 'account.set_up'

export interface SetupOptions {
  readonly db: Db
  readonly clock: Clock
  readonly createUser: CreateUser
  readonly audit: Audit
}

/** What the database keeps of a token: its digest and its end. */
const keep = (token: string, end: Date): string =>
  `${digestToken(token).toString('hex')} ${end.toISOString()}`

/** The first administrator of an instance, made by whoever sees what the server prints when it starts. */
export function createSetup({ db, clock, createUser, audit }: SetupOptions) {
  const isGood = (token: string, kept: string | undefined): boolean => {
    const [digest = '', end = ''] = kept?.split(' ') ?? []
    return equalDigests(digestToken(token), Buffer.from(digest, 'hex')) && new Date(end) > clock.now()
  }

  const refuse = async (client: ClientFacts): Promise<never> => {
    await db.withSystem((tx) => audit.record(tx, { action, result: 'refused', ...askedFrom(client) }))
    throw accountsErrors.tokenInvalid()
  }

  const spend = async (tx: Tx, kept: string, user: UserRow) => {
    await holdAdministration(tx, clock)
    if (await hasOtherAdmin(tx, user.id)) throw accountsErrors.tokenInvalid()
    if (!(await takeState(tx, 'setup_token', kept))) throw accountsErrors.tokenInvalid()
  }

  return {
    /**
     * A token that makes the first administrator within a day; `undefined` when there is one. The newest is the only one
     * that counts, of whichever node.
     */
    async offer(): Promise<string | undefined> {
      if (await hasAdmin(db)) return undefined
      const token = createOpaqueToken()
      const value = keep(token, new Date(clock.now().getTime() + LIFE_MS))
      await db.withSystem((tx) => writeState(tx, 'setup_token', { value, clock }))
      return token
    },

    /**
     * Spends the token for an active account of the highest role. Throws what `CreateUser` does, and
     * `accounts.token_invalid` from the moment on that anybody administrates.
     */
    async redeem(token: string, registration: Registration, client: ClientFacts): Promise<UserRow> {
      const kept = await readState(db, 'setup_token')
      if (kept === undefined || !isGood(token, kept) || (await hasAdmin(db))) return refuse(client)
      assertUsernameMayBeUsed(registration.username, { isOperator: true })
      return createUser({
        registration,
        granted: { role: 'super_admin', status: 'active' },
        async complete(tx, user) {
          await spend(tx, kept, user)
          const facts = { actorId: user.id, ...aboutUser(user.id), ...askedFrom(client) }
          await audit.record(tx, { action, result: 'ok', ...facts, details: { role: user.role } })
        },
      })
    },
  }
}
