import { Type } from 'typebox'
import type { Clock } from '../../../platform/clock.ts'
import type { Db, Tx } from '../../../platform/db/index.ts'
import { defineJob } from '../../../platform/jobs/job-kind.ts'
import type { Jobs } from '../../../platform/jobs/jobs.ts'
import { PASSWORD_POLICY, type Standing } from '../../../platform/throttle/throttle-policy.ts'
import type { ClientFacts } from '../client-facts.ts'
import type { Notify } from '../notices.ts'
import { apartFrom } from '../registration/apart-from.ts'
import { findUser } from '../users/user.store.ts'

const kinds = { waiting: 'passwordLocked', disabled: 'passwordDisabled' } as const

type Lockout = (typeof kinds)[keyof typeof kinds]

const tellOfLockout = defineJob('accounts.tell_of_lockout', {
  payload: Type.Object({
    user_id: Type.Union([Type.String(), Type.Null()]),
    kind: Type.Enum(kinds),
    address: Type.String(),
    user_agent: Type.String(),
  }),
  sealedPayload: true,
})

/** A wrong password that was counted just now. */
export interface PasswordFailure {
  /** Whose password was tried; nobody's when the name is nobody's. */
  readonly userId: string | undefined
  readonly client: ClientFacts
  /** How the one who was counted stands since. */
  readonly standing: Standing
}

/** Has a member told when a wrong password was the one that locked theirs (C49), in the transaction that counts it. */
export type NoteFailure = (tx: Tx, failure: PasswordFailure) => Promise<void>

export interface LockoutsOptions {
  readonly db: Db
  readonly clock: Clock
  readonly jobs: Pick<Jobs, 'enqueue' | 'handle'>
  readonly notify: Notify
}

/** A name that nobody has makes the same work as one that somebody has, so that the answers take as long (C6). */
export function createNoteFailure({ db, clock, jobs, notify }: LockoutsOptions): NoteFailure {
  jobs.handle(tellOfLockout, async ({ payload, complete }) => {
    const { user_id, kind, address, user_agent: userAgent } = payload
    await db.withSystem(async (tx) => {
      const user = user_id === null ? undefined : await findUser(tx, user_id)
      if (user && user.deleted_at === null) await notify(tx, user, { kind, facts: { address, userAgent } })
      await complete(tx)
    })
  })

  const lockoutOf = (stands: Standing): Lockout | undefined => {
    if (stands.kind !== 'waiting') return stands.kind === 'disabled' ? kinds.disabled : undefined
    const waitMs = stands.until.getTime() - clock.now().getTime()
    // Note: shorter waits are the delays between tries, which a member who mistypes has as well.
    return waitMs > (PASSWORD_POLICY.delay?.maxMs ?? 0) ? kinds.waiting : undefined
  }

  return async (tx, { userId: user_id = null, client, standing }) => {
    const kind = lockoutOf(standing)
    if (kind === undefined) return
    const payload = { user_id, kind, address: client.address, user_agent: client.userAgent }
    await jobs.enqueue(tx, { kind: tellOfLockout, payload, runAt: apartFrom(clock) })
  }
}
