import { asError } from '../as-error.ts'
import type { Clock } from '../clock.ts'
import type { SigningKey } from '../crypto/key-ring.ts'
import { equalDigests } from '../crypto/opaque-token.ts'
import { createSql, DatabaseUnavailableError, type Db, type Queryable } from '../db/index.ts'
import { MINUTE, SECOND } from '../durations.ts'
import type { Logger } from '../log/logger.ts'
import { auditEvents, auditHead } from './audit.table.ts'
import { checkpointLine } from './checkpoint.ts'
import { appendCheckpoint, readLastCheckpoint } from './checkpoint-file.ts'

/** After how many entries, and after how long with any new entry, the next checkpoint is due (C77). */
const DUE = { entries: 1_000, ms: MINUTE } as const

const sql = createSql(auditEvents, auditHead)
const head = sql.read(() => sql.from('audit_head').select(['seq', 'hash']).where('id', '=', 1))
const hashAt = sql.read((p: { seq: number }) =>
  sql.from('audit_events').select('hash').where('seq', '=', p.seq),
)

const firstAt = sql.read(() => sql.from('audit_events').select('at').orderBy('seq').limit(1))

/**
 * Whether a log must have a checkpoint by now: it has entries enough, or began long enough ago. One whose beginning cannot
 * be read must.
 */
export async function isCheckpointDue(db: Queryable, clock: Clock): Promise<boolean> {
  try {
    const [end, first] = [await head.first(db, {}), await firstAt.first(db, {})]
    if (!end || !first) return false
    const ageMs = Math.abs(clock.now().getTime() - first.at.getTime())
    return !(end.seq < DUE.entries && ageMs < DUE.ms)
  } catch (error) {
    if (error instanceof DatabaseUnavailableError) throw error
    return true
  }
}

/** What checkpoints are made with. */
export interface CheckpointsOptions {
  readonly db: Db
  /** Signs; Ed25519. */
  readonly key: SigningKey
  /** The file they are appended to: best on a disk that whoever reaches the database does not reach. */
  readonly path: string
  readonly clock: Clock
  readonly log: Pick<Logger, 'error' | 'warn'>
  /** How often to look whether one is due, in milliseconds. */
  readonly pollMs?: number
}

/** Checkpoints while they are being made. */
export interface Checkpoints {
  /** Makes one if it is due. Never throws: what fails is logged once and tried again. */
  check(): Promise<void>
  /** Makes the last one, if anything is new, and ends. */
  stop(): Promise<void>
}

interface Place {
  readonly seq: number
  readonly hash: Uint8Array
}

/** Finds whether the log still holds what was signed last; a log that was cut or rewritten does not. */
async function isStillThere(db: Db, { seq, hash }: Place): Promise<boolean> {
  const entry = await hashAt.first(db.asSystem(), { seq })
  return entry !== undefined && equalDigests(entry.hash, hash)
}

/**
 * Signs where the audit log stands, into a second place, after each 1,000 entries and each minute in which any was
 * added (C77): a hash chain alone does not show that its end was cut and the head set back to fit (Crosby and Wallach,
 * Efficient Data Structures for Tamper-Evident Logging, 2009). Looks at once and then every second. Several processes
 * may do so on one log, each into its own file.
 */
export function startCheckpoints(options: CheckpointsOptions): Checkpoints {
  const { db, key, path, clock, log, pollMs = SECOND } = options
  let last: Place | undefined
  let wasRead = false
  let writtenAt = Number.NEGATIVE_INFINITY
  let isFailing = false

  const readLast = async () => {
    if (wasRead) return
    const line = await readLastCheckpoint(path)
    last = line && { seq: line.seq, hash: Buffer.from(line.hash, 'hex') }
    if (last && !(await isStillThere(db, last)))
      log.error({ seq: last.seq }, 'The audit log is not the one that was signed; run outcry audit verify.')
    wasRead = true
  }

  const write = async (end: Place) => {
    const at = clock.now().toISOString()
    const { wasTorn } = await appendCheckpoint(path, (before) =>
      checkpointLine(
        {
          seq: end.seq,
          hash: Buffer.from(end.hash).toString('hex'),
          at,
          key: key.id,
          previous: before?.lineHash ?? null,
        },
        key.privateKey,
      ),
    )
    if (wasTorn)
      log.warn({ path }, 'The last checkpoint of the audit log was unfinished; the next one follows it.')
    last = end
    writtenAt = performance.now()
  }

  const look = async (isLast: boolean) => {
    await readLast()
    const end = await head.first(db.asSystem(), {})
    if (!end || end.seq === 0 || (last && equalDigests(end.hash, last.hash))) return
    const isDue =
      Math.abs(end.seq - (last?.seq ?? 0)) >= DUE.entries || performance.now() - writtenAt >= DUE.ms
    if (isDue || isLast) await write(end)
  }

  let looking: Promise<void> | undefined
  const check = (isLast = false) => {
    const looked = look(isLast).then(
      () => {
        isFailing = false
      },
      (error: unknown) => {
        if (!isFailing)
          log.error(
            { err: asError(error) },
            'The audit log could not be signed; it is tried again each second.',
          )
        isFailing = true
      },
    )
    return looked
  }
  const checkOnce = () => {
    looking ??= check().finally(() => {
      looking = undefined
    })
    return looking
  }
  const timer = setInterval(() => void checkOnce(), pollMs)
  void checkOnce()
  return {
    check: checkOnce,
    async stop() {
      clearInterval(timer)
      await looking
      await check(true)
    },
  }
}
