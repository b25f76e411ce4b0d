import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Audit } from '../platform/audit/audit.ts'
import type { Clock } from '../platform/clock.ts'
import type { Db } from '../platform/db/index.ts'
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
  /** What is wrong, one plain sentence each. */
  readonly faults: readonly string[]
}

/** Looks at the whole audit log and every checkpoint, however long that takes, and never on this event loop. */
export type VerifyAuditLog = (signal: AbortSignal) => Promise<AuditReport>

const verifyAudit = defineJob('audit.verify', {
  payload: Type.Object({}),
  retry: { baseMs: MINUTE, capMs: 10 * MINUTE, maxAttempts: 3 },
})

const kept = Compile(
  Type.Object({
    ok: Type.Boolean(),
    checked_at: Type.String(),
    through: Type.Integer(),
    fault: Type.Union([Type.String(), Type.Null()]),
  }),
)

/** What is remembered of the last verification. */
export interface Verified {
  readonly ok: boolean
  readonly checked_at: Date
  /** The last entry that is as it was written. */
  readonly through: number
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

  const keep = ({ entries, faults }: AuditReport): { ok: boolean; value: string } => {
    const ok = faults.length === 0
    const checked_at = clock.now().toISOString()
    return { ok, value: JSON.stringify({ ok, checked_at, through: entries, fault: faults[0] ?? null }) }
  }

  if (verify) {
    jobs.handle(verifyAudit, async (run) => {
      const report = await verify(run.signal)
      const { ok, value } = keep(report)
      if (!ok) log.error({ fault: report.faults[0] }, 'The audit log is not what was written.')
      await db.withSystem(async (tx) => {
        await writeState(tx, 'audit_verified', { value, clock })
        await run.complete(tx)
        await audit.record(tx, {
          action: 'audit.verified',
          result: ok ? 'ok' : 'failed',
          objectType: 'job',
          objectId: run.id,
          details: { through: report.entries },
        })
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
      return kept.Check(found) ? { ...found, checked_at: new Date(found.checked_at) } : undefined
    },

    /** Whether jobs of this kind are verifications. */
    isVerification: (kind: string): boolean => kind === verifyAudit.name,
  }
}
