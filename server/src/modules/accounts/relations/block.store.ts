import { ownedBy, type Queryable, type Row, type Tx } from '../../../platform/db/index.ts'
import { sql } from '../accounts.tables.ts'
import type { blocks } from './relation.table.ts'

type BlockRow = Row<typeof blocks>

/** Who blocks, and whom. */
export type BlockPair = Pick<BlockRow, 'blocker_id' | 'blocked_id'>

const insert = sql.write((p: BlockRow) =>
  sql.builder
    .insertInto('blocks')
    .values({ id: p.id, created_at: p.created_at, blocker_id: p.blocker_id, blocked_id: p.blocked_id })
    .onConflict((conflict) => conflict.columns(['blocker_id', 'blocked_id']).doNothing()),
)

/** Adds a block; one that is there stays as it is. */
export function insertBlock(tx: Tx, block: BlockRow): Promise<void> {
  return insert.execute(tx, block)
}

const removal = sql.write((p: BlockPair) =>
  sql.builder
    .deleteFrom('blocks')
    .where(ownedBy('blocks.blocker_id', p.blocker_id))
    .where('blocked_id', '=', p.blocked_id),
)

/** Takes a block away, if there is one; `tx` must be the blocker's. */
export function deleteBlock(tx: Tx, pair: BlockPair): Promise<void> {
  return removal.execute(tx, pair)
}

const between = sql.read((p: { a: string; b: string }) =>
  sql
    .from('blocks')
    .select('blocker_id')
    .where((eb) =>
      eb.or([
        eb.and([eb('blocker_id', '=', p.a), eb('blocked_id', '=', p.b)]),
        eb.and([eb('blocker_id', '=', p.b), eb('blocked_id', '=', p.a)]),
      ]),
    ),
)

/** Who of two members blocks the other, by id. For the system: the one who is blocked is never told. */
export async function findBlockersBetween(db: Queryable, a: string, b: string): Promise<Set<string>> {
  return new Set((await between.all(db, { a, b })).map(({ blocker_id }) => blocker_id))
}

const ofBlocker = sql.read((p: BlockPair) =>
  sql
    .from('blocks')
    .select('id')
    .where(ownedBy('blocks.blocker_id', p.blocker_id))
    .where('blocked_id', '=', p.blocked_id),
)

/** Whether one member blocks another; `db` must read as the blocker. */
export async function isBlocking(db: Queryable, pair: BlockPair): Promise<boolean> {
  return (await ofBlocker.first(db, pair)) !== undefined
}
