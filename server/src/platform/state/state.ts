import type { Clock } from '../clock.ts'
import { createSql, type Db, type Queryable, type Tx } from '../db/index.ts'
import { instanceState } from './instance-state.table.ts'

/**
 * What is remembered about the instance: the proofs of its key rings and how far their rotation is, the epoch that a
 * restore raises, when it was made, the latest time it has seen, what makes the first administrator, what is held while
 * administrators change, and what the last verification of the audit log found.
 */
export type StateName =
  | 'key_check'
  | 'vault_key_check'
  | 'rotation'
  | 'keys_settled'
  | 'vault_keys_settled'
  | 'epoch'
  | 'created_at'
  | 'clock_high_water'
  | 'setup_token'
  | 'administration'
  | 'audit_verified'

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

const deleteFact = sql.write((p: { name: string; value: string }) =>
  sql.builder.deleteFrom('instance_state').where('name', '=', p.name).where('value', '=', p.value),
)

/** Forgets a fact if it still is `value`, and says so: of any number who ask at once, one is told yes. */
export async function takeState(tx: Tx, name: StateName, value: string): Promise<boolean> {
  return (await deleteFact.run(tx, { name, value })) === 1
}

const deleteAny = sql.write((p: { name: string }) =>
  sql.builder.deleteFrom('instance_state').where('name', '=', p.name),
)

/** Forgets a fact, whatever it is. */
export async function forgetState(tx: Tx, name: StateName): Promise<void> {
  await deleteAny.run(tx, { name })
}

// Note: the update part changes nothing, but locks the row until the transaction ends.
const addOrLock = sql.write((p: { name: string; value: string; now: Date }) =>
  sql.builder
    .insertInto('instance_state')
    .values({ name: p.name, value: p.value, updated_at: p.now })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet((eb) => ({ name: eb.ref('excluded.name') })),
    )
    .returning('value'),
)

/**
 * Sets a fact unless it is set, gives what it is then, and keeps others from changing it until the transaction ends. Of
 * two nodes that start together both get the same.
 */
export async function initialState(
  tx: Tx,
  name: StateName,
  initial: { value: string; clock: Clock },
): Promise<string> {
  const row = await addOrLock.first(tx, { name, value: initial.value, now: initial.clock.now() })
  if (!row) throw new Error('A fact about the instance was not written.')
  return row.value
}

/** The epoch: what was issued in an earlier one is void (C35). 0 until a restore raised it. */
export async function readEpoch(db: Db): Promise<number> {
  return Number((await readState(db, 'epoch')) ?? '0')
}

/** Starts the next epoch, and says which. */
export async function raiseEpoch(tx: Tx, clock: Clock): Promise<number> {
  const epoch = Number(await initialState(tx, 'epoch', { value: '0', clock })) + 1
  await writeState(tx, 'epoch', { value: String(epoch), clock })
  return epoch
}

/**
 * Raises the mark of the latest time seen to the clock's, and says how far the clock is behind the mark: 0 unless it was
 * set back (R8). The mark never falls.
 */
export async function raiseClockMark(tx: Tx, clock: Clock): Promise<{ behindMs: number }> {
  const now = clock.now()
  const mark = new Date(await initialState(tx, 'clock_high_water', { value: now.toISOString(), clock }))
  if (now > mark) await writeState(tx, 'clock_high_water', { value: now.toISOString(), clock })
  return { behindMs: Math.max(0, mark.getTime() - now.getTime()) }
}
