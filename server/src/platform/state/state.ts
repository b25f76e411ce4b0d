import type { Clock } from '../clock.ts'
import { createSql, type Db, type Queryable, type Tx } from '../db/index.ts'
import { instanceState } from './instance-state.table.ts'

/** What is remembered about the instance: the proof of its key ring, and the epoch that a restore raises. */
export type StateName = 'key_check' | 'epoch'

const sql = createSql(instanceState)

const byName = sql.read((p: { name: string }) =>
  sql.from('instance_state').select('value').where('name', '=', p.name),
)

const upsert = sql.write((p: { name: string; value: string; now: Date }) =>
  sql.builder
    .insertInto('instance_state')
    .values({ name: p.name, value: p.value, updated_at: p.now })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: p.value, updated_at: p.now })),
)

async function read(db: Queryable, name: StateName): Promise<string | undefined> {
  return (await byName.first(db, { name }))?.value
}

/** A fact about the instance; `undefined` until it is set. */
export function readState(db: Db, name: StateName): Promise<string | undefined> {
  return read(db.asSystem(), name)
}

/** The same inside a transaction of the system. */
export function readStateIn(tx: Tx, name: StateName): Promise<string | undefined> {
  return read(tx, name)
}

/** Sets a fact; the transaction must be the system's. */
export async function writeState(
  tx: Tx,
  name: StateName,
  change: { value: string; clock: Clock },
): Promise<void> {
  await upsert.run(tx, { name, value: change.value, now: change.clock.now() })
}
