import { type CountedKeySet, countUses, USES_MAX } from '../crypto/counted-keys.ts'
import type { KeySet, SecretKey } from '../crypto/key-ring.ts'
import { createSql, type Db, type Tx } from '../db/index.ts'
import { keyUses } from './key-uses.table.ts'

/** More than is sealed in years, between a backup and its restore or by a server that did not count yet. */
const UNCOUNTED = 2 ** 28

const sql = createSql(keyUses)

const add = sql.write((p: { key_id: string; uses: number }) =>
  sql.builder
    .insertInto('key_uses')
    .values({ key_id: p.key_id, uses: p.uses })
    .onConflict((conflict) =>
      conflict.column('key_id').doUpdateSet((eb) => ({ uses: eb('key_uses.uses', '+', p.uses) })),
    )
    .returning('uses'),
)

const addToAll = sql.write((p: { uses: number }) =>
  sql.builder.updateTable('key_uses').set((eb) => ({ uses: eb('uses', '+', p.uses) })),
)

const ofKey = sql.read((p: { key_id: string }) =>
  sql.from('key_uses').select('uses').where('key_id', '=', p.key_id),
)

/** Uses of a key that may be counted; the rest is for those that nobody counted. */
export const COUNTED_MAX: number = USES_MAX - UNCOUNTED

/** From so many uses on operators are told to rotate. */
export const ROTATE_FROM: number = COUNTED_MAX / 2

/** How often a key was used at most. */
export async function readKeyUses(db: Db, keyId: string): Promise<number> {
  return (await ofKey.first(db.asSystem(), { key_id: keyId }))?.uses ?? 0
}

/** Counts uses of a key before they are made; whether the key may be used so often. */
export async function reserveKeyUses(db: Db, keyId: string, uses: number): Promise<boolean> {
  const row = await db.withSystem((tx) => add.first(tx, { key_id: keyId, uses }))
  return row !== undefined && row.uses <= COUNTED_MAX
}

/** Counts what may have been sealed since the backup that was restored. */
export async function countUsesBeforeRestore(tx: Tx): Promise<void> {
  await addToAll.run(tx, { uses: UNCOUNTED })
}

/** The same keys, whose uses for sealing are counted in this database. None seals before it is `ready`. */
export function countedIn(db: Db, keys: KeySet<SecretKey>): CountedKeySet {
  return countUses(keys, (keyId, uses) => reserveKeyUses(db, keyId, uses))
}
