import type { Audit, AuditEntry } from '../../platform/audit/audit.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Db, Tx } from '../../platform/db/index.ts'
import { AppError } from '../../platform/errors.ts'
import type { NotifyMember, SessionOf } from '../accounts/index.ts'
import type { CredentialRow } from './credential.table.ts'
import type { GrantActor } from './protocol/protocol.ts'
import { sessionOver } from './vault.errors.ts'
import { proofFor, type Step } from './vault.policy.ts'

/** A member who acts on what is theirs in the vault: in which session, and from where. */
export interface Acting extends SessionOf {
  readonly address: string
  readonly userAgent: string
  readonly requestId: string
  /** Throws the 401 that asks for a proof of who they are, unless there is one at most so many seconds old. */
  assertProof(maxAgeSeconds: number, now: Date): void
}

/** The facts of an audit entry about what a member did. */
export function factsOf(by: Acting): Pick<AuditEntry, 'actorId' | 'sessionId' | 'address' | 'requestId'> {
  return { actorId: by.userId, sessionId: by.sessionId, address: by.address, requestId: by.requestId }
}

/** The facts of an audit entry about a credential. */
export function aboutCredential(id: string): Pick<AuditEntry, 'objectType' | 'objectId'> {
  return { objectType: 'credential', objectId: id }
}

/** The facts of an audit entry about a trading account. */
export function aboutAccount(id: string): Pick<AuditEntry, 'objectType' | 'objectId'> {
  return { objectType: 'trading_account', objectId: id }
}

/** On whose behalf the vault process is asked. */
export function grantActorOf({ sessionId, address, requestId }: Acting): GrantActor {
  return { sessionId, address, requestId }
}

/** What is tried, for the entry about its refusal: of something that is there, or of an id as it was asked for. */
interface Attempt {
  readonly action: string
  readonly about: Pick<AuditEntry, 'objectType' | 'objectId'>
}

/** What was done, for the entry about it. */
export interface Deed extends Attempt {
  readonly details?: AuditEntry['details']
}

/** A deed that is looked at and done at once. */
interface Enactment<Found> extends Deed {
  /** Asks for what `decide` must know, and writes what the deed stands or falls with. */
  begin(tx: Tx): Promise<Found>
  /** Throws what keeps the deed from being done. */
  decide(tx: Tx, found: Found): Promise<void>
  /** Sends the writes that are the deed. They are committed unless the database refuses one. */
  write(tx: Tx): Promise<unknown>
}

/** What became of live keys, for the mail about it; `detail` is a sentence. */
interface LiveKeyNews {
  readonly kind: 'liveKeyStored' | 'liveKeyReplaced' | 'liveKeyDeleted'
  readonly detail: string
}

interface VaultWorkOptions {
  readonly db: Db
  readonly clock: Clock
  readonly audit: Audit
  readonly notifyMember: NotifyMember
  readonly holdMember: (tx: Tx, actor: SessionOf) => Promise<boolean>
}

export type VaultWork = ReturnType<typeof createVaultWork>

/** How everything is done that members do with what is theirs in the vault. */
export function createVaultWork({ db, clock, audit, notifyMember, holdMember }: VaultWorkOptions) {
  // Note: what is not theirs is not named as the object, because its owner reads the entries about it.
  const recordRefusal = (by: Acting, { action, about }: Attempt, { status, code }: AppError) =>
    db.withMember(by.userId, (tx) =>
      audit.record(tx, {
        action,
        result: 'refused',
        ...factsOf(by),
        ...(status === 404 ? { objectType: 'user', objectId: by.userId } : about),
        details: { reason: code, ...(status === 404 ? { asked: about.objectId ?? null } : {}) },
      }),
    )

  const entryOf = (by: Acting, { action, about, details }: Deed): AuditEntry => ({
    action,
    result: 'ok',
    ...factsOf(by),
    ...about,
    ...(details ? { details } : {}),
  })

  return {
    /** Runs `work`; when it is refused, the audit log says so. A clash with another change is no refusal. */
    async attempt<T>(by: Acting, attempt: Attempt, work: () => Promise<T>): Promise<T> {
      try {
        return await work()
      } catch (error) {
        const isRefusal = error instanceof AppError && error.status < 500 && error.status !== 412
        if (isRefusal) await recordRefusal(by, attempt, error)
        throw error
      }
    },

    /** Writes down what was done, in the transaction of the deed. */
    record: (tx: Tx, by: Acting, deed: Deed): Promise<void> => audit.record(tx, entryOf(by, deed)),

    /** Tells a member by mail what became of a live key of theirs, from where and with which program. */
    tellOfLiveKey(
      tx: Tx,
      { userId, address, userAgent }: Acting,
      { kind, detail }: LiveKeyNews,
    ): Promise<void> {
      return notifyMember(tx, userId, { kind, facts: { address, userAgent, detail } })
    },

    /** Throws the 401 that asks for a newer proof, where these steps with a credential take one. */
    assertProof(
      by: Acting,
      { environment }: Pick<CredentialRow, 'environment'>,
      steps: readonly Step[],
    ): void {
      const maxAge = proofFor(environment, steps)
      if (maxAge !== undefined) by.assertProof(maxAge, clock.now())
    },

    /**
     * Runs `work` in a transaction that holds the member: of all that is written in a member's name in the vault, one comes
     * after the other. Throws the 401 when the session was ended, or the account closed, since the request came in.
     */
    held<T>(by: Acting, work: (tx: Tx) => Promise<T>): Promise<T> {
      return db.withMember(by.userId, async (tx) => {
        if (!(await holdMember(tx, by))) throw sessionOver()
        return work(tx)
      })
    },

    /**
     * Does one deed and writes it down in a transaction that holds the member as `held` does, in two round trips: `begin` goes
     * out behind what holds the member, and `write` with the entry. Nobody else's deed is written down meanwhile.
     */
    enact<Found>(by: Acting, { begin, decide, write, ...deed }: Enactment<Found>): Promise<void> {
      return db.withMember(by.userId, (tx) => {
        const holding = Promise.all([holdMember(tx, by), Promise.try(() => begin(tx))])
        const decided = async () => {
          const [isHeld, found] = await holding
          if (!isHeld) throw sessionOver()
          await decide(tx, found)
          return [entryOf(by, deed)]
        }
        return audit.recordDecided(tx, decided, write)
      })
    },
  }
}
