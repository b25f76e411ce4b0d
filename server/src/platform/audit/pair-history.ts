import { createSql, indexPredicate, type Queryable } from '../db/index.ts'
import { auditEvents, endsPair } from './audit.table.ts'

const sql = createSql(auditEvents)

/** The statement, for tests of how it is carried out. */
export const lastPairEnd = sql.read((p: { credential: string }) =>
  sql
    .from('audit_events')
    .select(['action', 'details'])
    .where('object_id', '=', p.credential)
    .where(indexPredicate(endsPair))
    .orderBy('seq', 'desc')
    .limit(1),
)

/**
 * The version of the newest pair that a credential was ever given, by the log: 1 until its first rotation, none after its
 * deletion. The audit log is read by the system alone, on any engine.
 */
export async function findNewestPair(db: Queryable, credential: string): Promise<number | undefined> {
  const end = await lastPairEnd.first(db, { credential })
  if (end === undefined) return 1
  return end.action === 'credential.deleted' ? undefined : Number(end.details.key_version)
}
