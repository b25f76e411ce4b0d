import { statfs } from 'node:fs/promises'
import type { SystemStatus, VaultState } from '@outcry/contract/system'
import type { Config } from '../config/config.ts'
import { databaseLocation } from '../database-location.ts'
import { countEntries } from '../platform/audit/audit-history.ts'
import { peekLastCheckpoint } from '../platform/audit/checkpoint-file.ts'
import type { ClockGuard } from '../platform/clock-guard.ts'
import { databaseSize } from '../platform/db/database-size.ts'
import { type Db, type Migration, migrationStatus } from '../platform/db/index.ts'
import { readHistoryOf } from '../platform/db/migrate/read-history.ts'
import type { Outgoing } from '../platform/http/route.ts'
import type { JobCounts } from '../platform/jobs/job-queue.ts'
import type { Jobs } from '../platform/jobs/jobs.ts'
import { MAIL_JOB } from '../platform/mail/mail.ts'
import type { AuditVerification } from './audit-verification.ts'
import { createKeyFigures, type KeyFiguresOptions } from './key-figures.ts'

/** What an operator needs to know at a glance. */
export type SystemFigures = Outgoing<SystemStatus>

export interface SystemFiguresOptions extends KeyFiguresOptions {
  readonly config: Pick<Config, 'dataDir' | 'database' | 'auditCheckpointsFile'>
  readonly clockGuard: Pick<ClockGuard, 'isRight'>
  readonly jobs: Pick<Jobs, 'counts'>
  readonly version: string
  /** Every migration this version has. */
  readonly migrations: readonly Migration[]
  readonly vaultState: () => Promise<VaultState>
  readonly verification: Pick<AuditVerification, 'last' | 'isVerification'>
}

type Counted = Omit<JobCounts, 'kind'>

function sumOf(counts: readonly JobCounts[]): Counted {
  const none: Counted = { waiting: 0, due: 0, running: 0, dead: 0 }
  return counts.reduce(
    (sum, { waiting, due, running, dead }) => ({
      waiting: sum.waiting + waiting,
      due: sum.due + due,
      running: sum.running + running,
      dead: sum.dead + dead,
    }),
    none,
  )
}

const unfinished = (counts: readonly JobCounts[]): number => {
  const { waiting, running } = sumOf(counts)
  return waiting + running
}

async function databaseFigures(db: Db, { config, migrations }: SystemFiguresOptions) {
  const location = databaseLocation(config)
  await db.ping()
  const system = db.asSystem()
  const applied = async () => [...(await readHistoryOf(system))]
  const { pending, unknown } = await migrationStatus({ applied }, migrations)
  return {
    kind: db.dialect,
    ok: pending.length === 0 && unknown.length === 0,
    migrations_pending: pending.length,
    size_bytes: (await databaseSize(system, location)) ?? null,
  }
}

async function diskFigures(folder: string) {
  const disk = await statfs(folder).catch(() => undefined) // not there, or not ours to look at
  return {
    data_dir_bytes_free: disk ? disk.bavail * disk.bsize : null,
    data_dir_bytes_total: disk ? disk.blocks * disk.bsize : null,
  }
}

async function auditFigures(counts: readonly JobCounts[], options: SystemFiguresOptions) {
  const { db, config, verification } = options
  const [entries, checkpoint, verified] = await Promise.all([
    countEntries(db.asSystem()),
    peekLastCheckpoint(config.auditCheckpointsFile).catch(() => undefined), // the file holds something else
    verification.last(),
  ])
  return {
    entries,
    last_checkpoint_at: checkpoint ? new Date(checkpoint.at) : null,
    is_verifying: unfinished(counts.filter(({ kind }) => verification.isVerification(kind))) > 0,
    verified: verified ?? null,
  }
}

/** Gathers the figures of the instance, as this process sees it. Costs a few short statements. */
export function createSystemFigures(options: SystemFiguresOptions): () => Promise<SystemFigures> {
  const { config, db, clock, clockGuard, jobs, version, vaultState } = options
  const startedAt = clock.now()
  const keyFigures = createKeyFigures(options)
  return async () => {
    const counts = await jobs.counts()
    const [database, keys, audit, disk, state] = await Promise.all([
      databaseFigures(db, options),
      keyFigures(),
      auditFigures(counts, options),
      diskFigures(config.dataDir),
      vaultState(),
    ])
    return {
      version,
      started_at: startedAt,
      database,
      clock_ok: clockGuard.isRight(),
      vault: { state },
      jobs: sumOf(counts),
      keys,
      audit,
      storage: { ...disk, mail_waiting: unfinished(counts.filter(({ kind }) => kind === MAIL_JOB)) },
    }
  }
}
