import { createHash } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { lengthPrefixed } from '../crypto/length-prefixed.ts'
import {
  bigint,
  computed,
  createSql,
  insertRow,
  lockRows,
  type NewRow,
  type Queryable,
  type Row,
  type Tx,
} from '../db/index.ts'
import { auditEvents, auditHead, type auditResults } from './audit.table.ts'

/** One thing that happened. `details` are flat facts and never a secret. */
export interface AuditEntry {
  readonly action: string
  readonly result: (typeof auditResults)[number]
  readonly actorId?: string
  readonly sessionId?: string
  readonly factor?: string
  readonly address?: string
  readonly requestId?: string
  readonly objectType?: string
  readonly objectId?: string
  readonly details?: Readonly<Record<string, string | number | boolean | null>>
}

/** The audit log. */
export interface Audit {
  /**
   * Appends an entry in the caller's transaction: durable exactly when what it tells of is. Locks the end of the chain
   * until the commit, so it is the last thing a transaction does.
   */
  record(tx: Tx, entry: AuditEntry): Promise<void>
}

const sql = createSql(auditEvents, auditHead)
const insert = insertRow(sql, auditEvents)
const GENESIS = new Uint8Array(32)

const lockHead = sql.read(() =>
  sql.from('audit_head').select(['seq', 'hash']).where('id', '=', 1).modifyEnd(lockRows()),
)

const moveHead = sql.write((p: { seq: number; hash: Uint8Array }) =>
  sql.builder.updateTable('audit_head').set({ seq: p.seq, hash: p.hash }).where('id', '=', 1),
)

type ChainedEvent = Omit<NewRow<typeof auditEvents>, 'hash'>

function canonicalDetails(details: object): string {
  return JSON.stringify(Object.entries(details).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** SHA-256 over every field, each with its length, and over the hash before. */
export function auditHash(event: ChainedEvent): Uint8Array {
  const { previous_hash, details, at, ...fields } = event
  const names = [
    'id',
    'seq',
    'action',
    'result',
    'actor_id',
    'session_id',
    'factor',
    'address',
    'request_id',
    'object_type',
    'object_id',
  ] as const
  const parts = names.map((name) =>
    fields[name] === null || fields[name] === undefined ? '-' : `=${fields[name]}`,
  )
  const canonical = lengthPrefixed([...parts, at.toISOString(), canonicalDetails(details ?? {})])
  return new Uint8Array(createHash('sha256').update(previous_hash).update(canonical).digest())
}

/** Opens the audit log. */
export function createAudit({ clock, newId }: { clock: Clock; newId: () => string }): Audit {
  return {
    async record(tx, entry) {
      const head = await lockHead.first(tx, {})
      if (!head) throw new Error('The audit log has no beginning; the database was not migrated.')
      const seq = head.seq + 1
      const event: ChainedEvent = {
        id: newId(),
        seq,
        at: clock.now(),
        action: entry.action,
        result: entry.result,
        actor_id: entry.actorId ?? null,
        session_id: entry.sessionId ?? null,
        factor: entry.factor ?? null,
        address: entry.address ?? null,
        request_id: entry.requestId ?? null,
        object_type: entry.objectType ?? null,
        object_id: entry.objectId ?? null,
        details: entry.details ?? {},
        previous_hash: head.hash,
      }
      const hash = auditHash(event)
      await Promise.all([insert(tx, { ...event, hash }), moveHead.run(tx, { seq, hash })])
    },
  }
}

const VERIFY_BATCH = 1_000

const batchAfter = sql.read((p: { seq: number; limit: number }) =>
  sql.from('audit_events').selectAll().where('seq', '>', p.seq).orderBy('seq').limit(p.limit),
)

const head = sql.read(() => sql.from('audit_head').select(['seq', 'hash']).where('id', '=', 1))

const lastSeq = sql.read(() =>
  sql.from('audit_events').select((eb) => computed(eb.fn.max('seq'), bigint().nullable()).as('seq')),
)

type ChainEnd = { readonly seq: number; readonly hash: Uint8Array }

function entryFault(entry: Row<typeof auditEvents>, before: ChainEnd): string | undefined {
  const { hash, ...event } = entry
  const seq = before.seq + 1
  if (event.seq !== seq) return `Entry ${seq} is missing or out of order.`
  if (!Buffer.from(event.previous_hash).equals(before.hash))
    return `Entry ${seq} does not follow the entry before it.`
  return Buffer.from(auditHash(event)).equals(hash) ? undefined : `Entry ${seq} was changed.`
}

/**
 * The first place where the log is not what it was written as; `undefined` when the chain is whole up to its end. Others
 * may append meanwhile: what they add after the start is looked at only for where it stands.
 */
export async function findAuditFault(db: Queryable): Promise<string | undefined> {
  const end = await head.first(db, {})
  if (!end) return 'The log has no head.'
  let at: ChainEnd = { seq: 0, hash: GENESIS }
  while (at.seq < end.seq) {
    const limit = Math.min(VERIFY_BATCH, end.seq - at.seq)
    const batch = await batchAfter.all(db, { seq: at.seq, limit })
    if (batch.length === 0) return `The log ends at ${at.seq} instead of ${end.seq}.`
    for (const entry of batch) {
      const fault = entryFault(entry, at)
      if (fault) return fault
      at = entry
    }
  }
  if (!Buffer.from(at.hash).equals(end.hash))
    return `The log does not end in entry ${end.seq} as it was written.`
  const last = (await lastSeq.first(db, {}))?.seq ?? 0
  const endNow = (await head.first(db, {}))?.seq ?? 0
  return last > endNow ? `Entry ${endNow + 1} was added past the end.` : undefined
}
