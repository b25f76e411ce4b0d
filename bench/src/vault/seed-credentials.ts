import { userCredentials } from '../../../server/src/modules/vault/credential.table.ts'
import { rowInserter } from '../../../server/src/platform/db/copy/write-rows.ts'
import type { Db } from '../../../server/src/platform/db/index.ts'
import type { CredentialPlace, CredentialRows } from './credential-rows.ts'

const BATCH = 10_000
const FILLERS_EACH = 50

/** How many members it takes to hold so many credentials, the owner of the usable ones among them. */
export function placesFor(count: number): number {
  return Math.ceil(count / FILLERS_EACH) + 1
}

export interface SeedCredentials {
  readonly count: number
  /** One in so many is usable and belongs to the first place; the others are fillers, a few of each other place. */
  readonly every: number
}

/** Stores credentials past the limits, in the order of their owners; gives the ids of those that can be used. */
export async function seedCredentials(
  { db, rows }: { readonly db: Db; readonly rows: CredentialRows },
  places: readonly CredentialPlace[],
  { count, every }: SeedCredentials,
): Promise<string[]> {
  const [owner, ...others] = places
  if (!owner) throw new Error('There is nobody to store for.')
  const insert = rowInserter(db.dialect, userCredentials, [])
  const usable: string[] = []
  const rowAt = (at: number) => {
    if (at % every > 0) return rows.filler(others[Math.floor(at / FILLERS_EACH)] ?? owner)
    const row = rows.usable(owner)
    usable.push(row.id)
    return row
  }
  for (let from = 0; from < count; from += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, count - from) }, (_, i) => rowAt(from + i))
    await db.withSystem((tx) => insert(tx, batch))
  }
  return usable
}

/** Stores a few credentials for each place, whose pairs open nowhere. */
export async function seedFillers(
  { db, rows }: { readonly db: Db; readonly rows: CredentialRows },
  places: readonly CredentialPlace[],
  each: number,
): Promise<void> {
  const insert = rowInserter(db.dialect, userCredentials, [])
  const fillers = places.flatMap((place) => Array.from({ length: each }, () => rows.filler(place)))
  await db.withSystem((tx) => insert(tx, fillers))
}
