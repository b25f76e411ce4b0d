import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Audit } from '../platform/audit/audit.ts'
import type { Clock } from '../platform/clock.ts'
import type { Db, Tx } from '../platform/db/index.ts'
import { MINUTE } from '../platform/durations.ts'
import { defineJob } from '../platform/jobs/job-kind.ts'
import type { Jobs } from '../platform/jobs/jobs.ts'
import type { Logger } from '../platform/log/logger.ts'
import { parseJson } from '../platform/parse-json.ts'
import { readState, writeState } from '../platform/state/state.ts'
import type { Operator } from './dead-jobs.ts'

/** What a verification found. */
export interface AuditReport {
  /** How many entries are as they were written. */
  readonly entries: number
  /** The last entry that is signed; 0 when none is. */
  readonly signedTo: number
  /** What is wrong, one plain sentence each. */
  readonly faults: readonly string[]
}

/** Looks at the whole audit log and every checkpoint, however long that takes, and never on this event loop. */
export type VerifyAuditLog = (signal: AbortSignal) => Promise<AuditReport>

const MAX_ATTEMPTS = 3

const verifyAudit = defineJob('audit.verify', {
  payload: Type.Object({}),
  retry: { baseMs: MINUTE, capMs: 10 * MINUTE, maxAttempts: MAX_ATTEMPTS },
})

const NOT_VERIFIED: AuditReport = {
  entries: 0,
  signedTo: 0,
  faults: ['The audit log could not be verified.'],
}

const kept = Compile(
  Type.Object({
    ok: Type.Boolean(),
    checked_at: Type.String(),
    through: Type.Integer(),
    signed_to: Type.Optional(Type.Integer()),
    fault: Type.Union([Type.String(), Type.Null()]),
  }),
)

/** What is remembered of the last verification. */
export interface Verified {
  readonly ok: boolean
  readonly checked_at: Date
  /** The last entry that is as it was written. */
  readonly through: number
  /** The last entry that is signed; 0 when none is. */
  readonly signed_to: number
  /** The first thing that is wrong. */
  readonly fault: string | null
}

export interface AuditVerificationOptions {
  readonly db: Db
  readonly clock: Clock
  readonly jobs: Pick<Jobs, 'enqueue' | 'handle' | 'counts'>
  readonly audit: Audit
  readonly log: Pick<Logger, 'error'>
  /** Absent in a process that cannot verify; another one of this instance then does what is asked for. */
  readonly verify: VerifyAuditLog | undefined
}

export type AuditVerification = ReturnType<typeof createAuditVerification>

/** Verifies the audit log when an operator asks, one verification at a time, and remembers what the last one found. */
export function createAuditVerification(options: AuditVerificationOptions) {
  const { db, clock, jobs, audit, log, verify } = options

  const keep = (tx: Tx, { entries, signedTo, faults }: AuditReport): Promise<void> => {
    const checked_at = clock.now().toISOString()
    const fault = faults[0] ?? null
    const kept = { ok: fault === null, checked_at, through: entries, signed_to: signedTo, fault }
    return writeState(tx, 'audit_verified', { value: JSON.stringify(kept), clock })
  }

  const note = (tx: Tx, { id }: { readonly id: string }, { entries, faults }: AuditReport): Promise<void> =>
    audit.record(tx, {
      action: 'audit.verified',
      result: faults.length === 0 ? 'ok' : 'failed',
      objectType: 'job',
      objectId: id,
      details: { through: entries },
    })

  if (verify) {
    jobs.handle(verifyAudit, async (run) => {
      const isLast = run.attempt >= MAX_ATTEMPTS
      // Note: before the last look, which may take this process with it: an older result must not stand for it.
      if (isLast) await db.withSystem((tx) => keep(tx, NOT_VERIFIED))
      const report = await verify(run.signal).catch(async (error: unknown) => {
        if (isLast) await db.withSystem((tx) => note(tx, run, NOT_VERIFIED))
        throw error
      })
      if (report.faults.length > 0)
        log.error({ fault: report.faults[0] }, 'The audit log is not what was written.')
      await db.withSystem(async (tx) => {
        await keep(tx, report)
        await run.complete(tx)
        await note(tx, run, report)
      })
    })
  }

  return {
    /** Asks for a verification; says whether none was under way. */
    start(by: Operator): Promise<boolean> {
      return db.withSystem(async (tx) => {
        const id = await jobs.enqueue(tx, { kind: verifyAudit, payload: {}, key: 'one' })
        if (id === undefined) return false
        const about = { objectType: 'job', objectId: id }
        await audit.record(tx, { action: 'audit.verification_asked', result: 'ok', ...by, ...about })
        return true
      })
    },

    /** What the last one found; `undefined` before the first. */
    async last(): Promise<Verified | undefined> {
      const value = await readState(db, 'audit_verified')
      const found: unknown = value === undefined ? undefined : parseJson(value)
      if (!kept.Check(found)) return undefined
      const { signed_to = 0, checked_at, ...rest } = found
      return { ...rest, signed_to, checked_at: new Date(checked_at) }
    },

    /** Whether jobs of this kind are verifications. */
    isVerification: (kind: string): boolean => kind === verifyAudit.name,
  }
}
