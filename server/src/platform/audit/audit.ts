import type { Clock } from '../clock.ts'
import { createSql, insertRows, lockRows, type Tx } from '../db/index.ts'
import { auditEvents, auditHead, type auditResults } from './audit.table.ts'
import { auditHash, type ChainedEvent } from './audit-hash.ts'

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
  /**
   * Appends what `decide` makes of what it reads, and ends the transaction. Its reads come after the lock on the end of the
   * chain, so that nothing is logged between what they saw and its entries. What `write` sends at once goes along with these;
   * it is committed with them unless the database refuses one of it, and then the error is that one.
   */
  recordDecided(
    tx: Tx,
    decide: (tx: Tx) => Promise<readonly AuditEntry[]>,
    write?: (tx: Tx) => Promise<unknown>,
  ): Promise<void>
}

interface ChainEnd {
  readonly seq: number
  readonly hash: Uint8Array
}

const sql = createSql(auditEvents, auditHead)
const insert = insertRows(sql, auditEvents)

const lockHead = sql.read(() =>
  sql.from('audit_head').select(['seq', 'hash']).where('id', '=', 1).modifyEnd(lockRows()),
)

const moveHead = sql.write((p: { seq: number; hash: Uint8Array }) =>
  sql.builder.updateTable('audit_head').set({ seq: p.seq, hash: p.hash }).where('id', '=', 1),
)

/** Opens the audit log. */
export function createAudit({ clock, newId }: { clock: Clock; newId: () => string }): Audit {
  const eventOf = (entry: AuditEntry, before: ChainEnd): ChainedEvent => ({
    id: newId(),
    seq: before.seq + 1,
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
    previous_hash: before.hash,
  })
  const append = async (tx: Tx, head: ChainEnd | undefined, entries: readonly AuditEntry[]) => {
    if (!head) throw new Error('The audit log has no beginning; the database was not migrated.')
    let end = head
    const rows = entries.map((entry) => {
      const event = eventOf(entry, end)
      const hash = auditHash(event)
      end = { seq: event.seq, hash }
      return { ...event, hash }
    })
    await Promise.all([insert(tx, rows), moveHead.run(tx, end)])
  }
  /** Ends the transaction with both; which fails first, when a write does, is the database's business. */
  const last = async (tx: Tx, writing: Promise<unknown>, appending: Promise<void>): Promise<void> => {
    const both = Promise.all([writing, appending])
    both.catch(() => undefined) // the transaction may refuse it at once
    try {
      await tx.last(both)
    } catch (error) {
      await writing
      throw error
    }
  }
  return {
    record: async (tx, entry) => append(tx, await lockHead.first(tx, {}), [entry]),
    async recordDecided(tx, decide, write = async () => undefined) {
      // Note: sent together; the database takes statements of one transaction in the order in which they were sent.
      const [head, entries] = await Promise.all([lockHead.first(tx, {}), decide(tx)])
      await last(tx, write(tx), append(tx, head, entries))
    },
  }
}
