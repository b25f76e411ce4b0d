import { Compile } from 'typebox/compile'
import {
  bigint,
  computed,
  createSql,
  DatabaseUnavailableError,
  type Queryable,
  type Row,
} from '../db/index.ts'
import { auditDetails, auditEvents, auditHead } from './audit.table.ts'
import { auditHash, type ChainedEvent, GENESIS } from './audit-hash.ts'

const BATCH = 1_000

const facts = Compile(auditDetails)

const sql = createSql(auditEvents, auditHead)
const batchAfter = sql.read((p: { seq: number; limit: number }) =>
  sql.from('audit_events').selectAll().where('seq', '>', p.seq).orderBy('seq').limit(p.limit),
)
const head = sql.read(() => sql.from('audit_head').select(['seq', 'hash']).where('id', '=', 1))
const lastSeq = sql.read(() =>
  sql.from('audit_events').select((eb) => computed(eb.fn.max('seq'), bigint().nullable()).as('seq')),
)
// Note: neither hash has an index; both are looked for only when something is wrong already.
const withHash = sql.read((p: { hash: Uint8Array }) =>
  sql.from('audit_events').select('seq').where('hash', '=', p.hash).orderBy('seq').limit(1),
)
const othersAfter = sql.read((p: { hash: Uint8Array; seq: number }) =>
  sql
    .from('audit_events')
    .select('seq')
    .where('previous_hash', '=', p.hash)
    .where('seq', '!=', p.seq)
    .orderBy('seq')
    .limit(1),
)

type Entry = Row<typeof auditEvents>
type ChainEnd = { readonly seq: number; readonly hash: Uint8Array }

const isSame = (one: Uint8Array, other: Uint8Array) => Buffer.from(one).equals(other)

/** Says which other entry an entry was written after, and so what was done to the log. */
async function misplaced(db: Queryable, entry: Entry, before: ChainEnd): Promise<string> {
  const { seq } = entry
  const isFirst = isSame(entry.previous_hash, GENESIS)
  const follows = isFirst ? { seq: 0 } : await withHash.first(db, { hash: entry.previous_hash })
  if (!follows) return `Entry ${seq} does not follow the entry before it: one between them was deleted.`
  if (follows.seq > before.seq)
    return `Entry ${seq} does not follow the entry before it but entry ${follows.seq}: they were reordered.`
  return `Entry ${seq} does not follow the entry before it: entry ${follows.seq + 1} was inserted.`
}

async function entryFault(db: Queryable, entry: Entry, before: ChainEnd): Promise<string | undefined> {
  const { hash, ...event } = entry
  const seq = before.seq + 1
  if (event.seq !== seq) return `Entry ${seq} is missing: it was deleted.`
  if (!isSame(event.previous_hash, before.hash)) return misplaced(db, entry, before)
  const expected = hashOf(event)
  if (!expected) return unreadable(before)
  if (isSame(expected, hash)) return undefined
  const isSecond = (await othersAfter.first(db, { hash: before.hash, seq })) !== undefined
  return isSecond ? `Entry ${seq} was inserted.` : `Entry ${seq} was changed.`
}

// Note: to the hash all that has no fields is alike, so details that are not a record of facts must not come so far.
function hashOf(event: ChainedEvent): Uint8Array | undefined {
  if (!facts.Check(event.details)) return undefined
  try {
    return auditHash(event)
  } catch {
    return undefined
  }
}

const unreadable = (before: ChainEnd) => `Entry ${before.seq + 1} cannot be read.`

/** The next entries, at least one unless there is none; `undefined` when the very next one is no longer what a row can be. */
async function entriesAfter(
  db: Queryable,
  { seq, limit }: { seq: number; limit: number },
): Promise<Entry[] | undefined> {
  try {
    return await batchAfter.all(db, { seq, limit })
  } catch (error) {
    if (error instanceof DatabaseUnavailableError) throw error
    return limit === 1 ? undefined : entriesAfter(db, { seq, limit: Math.floor(limit / 2) })
  }
}

/** What a look at the whole chain found. */
export interface ChainFinding {
  /** How many entries were looked at. */
  readonly entries: number
  /** The first place where the log is not what it was written as, in one plain sentence; absent when it is whole. */
  readonly fault?: string
}

/** Tells how far the look is. */
export type OnAuditProgress = (done: { readonly entries: number; readonly of: number }) => void

/**
 * Looks at every entry from the first to the end of the chain, a thousand at a time, in memory that does not grow with
 * the log. Others may append meanwhile: what they add after the start is looked at only for where it stands. An end that
 * was cut, with the head row set back to fit, shows only in the checkpoints.
 */
export async function verifyChain(db: Queryable, onProgress?: OnAuditProgress): Promise<ChainFinding> {
  const end = await head.first(db, {})
  if (!end) return { entries: 0, fault: 'The log has no head.' }
  let at: ChainEnd = { seq: 0, hash: GENESIS }
  const found = (fault: string): ChainFinding => ({ entries: at.seq, fault })
  while (at.seq < end.seq) {
    const batch = await entriesAfter(db, { seq: at.seq, limit: Math.min(BATCH, end.seq - at.seq) })
    if (!batch) return found(unreadable(at))
    if (batch.length === 0) return found(`The log ends at ${at.seq} instead of ${end.seq}: its end was cut.`)
    for (const entry of batch) {
      const fault = await entryFault(db, entry, at)
      if (fault) return found(fault)
      at = entry
    }
    onProgress?.({ entries: at.seq, of: end.seq })
  }
  if (!isSame(at.hash, end.hash))
    return found(`The log does not end in entry ${end.seq} as it was written: its end was cut or replaced.`)
  const last = (await lastSeq.first(db, {}))?.seq ?? 0
  const endNow = (await head.first(db, {}))?.seq ?? 0
  return last > endNow ? found(`Entry ${endNow + 1} was added past the end.`) : { entries: at.seq }
}

/** The first fault of `verifyChain`; `undefined` when the chain is whole up to its end. */
export async function findAuditFault(db: Queryable): Promise<string | undefined> {
  return (await verifyChain(db)).fault
}
