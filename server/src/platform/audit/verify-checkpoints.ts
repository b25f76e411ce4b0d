import type { KeySet, SigningKey } from '../crypto/key-ring.ts'
import { equalDigests } from '../crypto/opaque-token.ts'
import { bigint, computed, createSql, DatabaseUnavailableError, type Queryable } from '../db/index.ts'
import { auditEvents } from './audit.table.ts'
import { type Checkpoint, checkpointLineHash, isSigned, readCheckpoint } from './checkpoint.ts'

const BATCH = 500
/** How many lines back a line may name the one before it: processes that append at the same moment name the same. */
const NEAR = 64

const sql = createSql(auditEvents)
const hashesAt = sql.read((p: { seqs: readonly number[] }) =>
  sql.from('audit_events').select(['seq', 'hash']).where('seq', 'in', p.seqs),
)
const lastSeq = sql.read(() =>
  sql.from('audit_events').select((eb) => computed(eb.fn.max('seq'), bigint().nullable()).as('seq')),
)

/** A file of checkpoints, read line by line. `text` is absent for a line that cannot be read. */
export interface CheckpointLines {
  /** As the operator knows it. */
  readonly name: string
  readonly lines: AsyncIterable<{ readonly number: number; readonly text?: string }>
}

/** What a look at a file of checkpoints found. */
export interface CheckpointsFinding {
  /** How many checkpoints were looked at. */
  readonly checkpoints: number
  /** Numbers of the lines that are no whole checkpoint, as after a kill while one was written; at most ten of them. */
  readonly torn: readonly number[]
  /** The last entry that is signed; 0 when none is. */
  readonly signedTo: number
  /** The first thing that is wrong, in one plain sentence. */
  readonly fault?: string
}

/** Whether the log has the entries that were signed; the last good one shows where it was rewritten. */
async function logFault(
  db: Queryable,
  batch: readonly Checkpoint[],
  log: { end: number; goodTo: number },
): Promise<string | undefined> {
  const rows = await hashesAt.all(db, { seqs: batch.map(({ seq }) => seq) }).catch((error: unknown) => {
    if (error instanceof DatabaseUnavailableError) throw error
    return undefined
  })
  if (!rows) return 'Entries that were signed cannot be read.'
  const stored = new Map(rows.map((row) => [row.seq, row.hash]))
  for (const { seq, hash, at } of batch) {
    const found = stored.get(seq)
    if (found === undefined)
      return seq > log.end
        ? `The log ends at entry ${log.end}, but entry ${seq} was signed at ${at}: its end was cut.`
        : `Entry ${seq}, which was signed at ${at}, is missing: it was deleted.`
    if (!equalDigests(found, Buffer.from(hash, 'hex'))) {
      const since = log.goodTo === 0 ? 'from its beginning' : `after entry ${log.goodTo}`
      return `Entry ${seq} is not the one that was signed at ${at}: the log was rewritten or forked ${since}.`
    }
    log.goodTo = Math.max(log.goodTo, seq)
  }
  return undefined
}

function signatureFault(checkpoint: Checkpoint, keys: KeySet<SigningKey>): string | undefined {
  const key = keys.byId.get(checkpoint.key)
  if (!key) return `is signed with the key ${checkpoint.key}, which is not ours.`
  return isSigned(checkpoint, key.publicKey) ? undefined : 'was changed: its signature is wrong.'
}

/** Remembers the lines before, and finds where one was taken out. */
function createOrder() {
  const near: string[] = []
  let count = 0
  return (text: string, previous: string | null): boolean => {
    const follows = previous === null ? count < NEAR : near.includes(previous)
    near.push(checkpointLineHash(text))
    if (near.length > NEAR) near.shift()
    count++
    return follows
  }
}

/**
 * Looks at every checkpoint of a file: that the vault signed it, that none before it was taken out, and that the log holds
 * the very entry. Together with a whole chain this shows what a chain alone cannot: a cut end with the head set back, and a
 * log rewritten with new hashes. What was cut from the end of the file itself shows only in another copy of it. Memory
 * does not grow with the file. `keys` are those that may have signed.
 */
export async function verifyCheckpoints(
  db: Queryable,
  { name, lines }: CheckpointLines,
  keys: KeySet<SigningKey>,
): Promise<CheckpointsFinding> {
  const torn: number[] = []
  const log = { end: (await lastSeq.first(db, {}))?.seq ?? 0, goodTo: 0 }
  const follows = createOrder()
  let checkpoints = 0
  let batch: Checkpoint[] = []
  const finding = (fault?: string): CheckpointsFinding => ({
    checkpoints,
    torn,
    signedTo: log.goodTo,
    ...(fault === undefined ? {} : { fault }),
  })
  for await (const { number, text } of lines) {
    const checkpoint = text === undefined ? undefined : readCheckpoint(text)
    if (text === undefined || checkpoint === undefined) {
      if (torn.length < 10) torn.push(number)
      continue
    }
    const wrong = signatureFault(checkpoint, keys)
    if (wrong) return finding(`Line ${number} of ${name} ${wrong}`)
    if (!follows(text, checkpoint.previous))
      return finding(
        `Line ${number} of ${name} does not follow the line before it: one was deleted or moved.`,
      )
    checkpoints++
    batch.push(checkpoint)
    if (batch.length < BATCH) continue
    const fault = await logFault(db, batch, log)
    if (fault) return finding(fault)
    batch = []
  }
  return finding(batch.length === 0 ? undefined : await logFault(db, batch, log))
}
