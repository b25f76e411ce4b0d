import { ownedBy, type Queryable, type Row, type Tx } from '../../../platform/db/index.ts'
import { sql } from '../accounts.tables.ts'
import type { mutes } from './relation.table.ts'

type MuteRow = Row<typeof mutes>

/** Who mutes, and whom. */
export type MutePair = Pick<MuteRow, 'muter_id' | 'muted_id'>

const insert = sql.write((p: MuteRow) =>
  sql.builder
    .insertInto('mutes')
    .values({ id: p.id, created_at: p.created_at, muter_id: p.muter_id, muted_id: p.muted_id })
    .onConflict((conflict) => conflict.columns(['muter_id', 'muted_id']).doNothing()),
)

/** Adds a mute; one that is there stays as it is. */
export function insertMute(tx: Tx, mute: MuteRow): Promise<void> {
  return insert.execute(tx, mute)
}

const removal = sql.write((p: MutePair) =>
  sql.builder
    .deleteFrom('mutes')
    .where(ownedBy('mutes.muter_id', p.muter_id))
    .where('muted_id', '=', p.muted_id),
)

/** Takes a mute away, if there is one; `tx` must be the muter's. */
export function deleteMute(tx: Tx, pair: MutePair): Promise<void> {
  return removal.execute(tx, pair)
}

const ofMuter = sql.read((p: MutePair) =>
  sql
    .from('mutes')
    .select('id')
    .where(ownedBy('mutes.muter_id', p.muter_id))
    .where('muted_id', '=', p.muted_id),
)

/** Whether one member mutes another; `db` must read as the muter. */
export async function isMuting(db: Queryable, pair: MutePair): Promise<boolean> {
  return (await ofMuter.first(db, pair)) !== undefined
}
