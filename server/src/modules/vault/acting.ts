import type { Audit, AuditEntry } from '../../platform/audit/audit.ts'
import type { Db, Tx } from '../../platform/db/index.ts'
import { AppError } from '../../platform/errors.ts'
import type { SessionOf } from '../accounts/index.ts'
import type { GrantActor } from './process/protocol.ts'
import { sessionOver } from './vault.errors.ts'

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
export interface Attempt {
  readonly action: string
  readonly about: Pick<AuditEntry, 'objectType' | 'objectId'>
}

export interface VaultWorkOptions {
  readonly db: Db
  readonly audit: Audit
  readonly holdMember: (tx: Tx, actor: SessionOf) => Promise<boolean>
}

export type VaultWork = ReturnType<typeof createVaultWork>

/** How everything is done that members do with what is theirs in the vault. */
export function createVaultWork({ db, audit, holdMember }: VaultWorkOptions) {
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
  }
}
