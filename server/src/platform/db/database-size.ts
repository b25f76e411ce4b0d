import { stat } from 'node:fs/promises'
import { AccessRefusedError } from './errors.ts'
import type { DatabaseLocation } from './open-database.ts'
import { rawStatement } from './postgres/control-statements.ts'
import { bigintValueType } from './schema/scalar-types.ts'
import { type Queryable, READ } from './session.ts'

const SIZE = {
  ...rawStatement('select pg_database_size(current_database()) as bytes'),
  hints: new Map([['bytes', bigintValueType]]),
}

async function sizeOfFile(path: string): Promise<number> {
  return await stat(path).then(
    ({ size }) => size,
    () => 0,
  )
}

/** How many bytes the database takes on disk; `undefined` when its role may not know. */
export async function databaseSize(db: Queryable, location: DatabaseLocation): Promise<number | undefined> {
  if (location.kind === 'sqlite') {
    const sizes = await Promise.all(['', '-wal'].map((suffix) => sizeOfFile(`${location.path}${suffix}`)))
    return sizes.reduce((sum, size) => sum + size, 0)
  }
  try {
    const row = (await db[READ].first(SIZE, [])) as { bytes: number } | undefined
    return row?.bytes
  } catch (error) {
    if (error instanceof AccessRefusedError) return undefined
    throw error
  }
}
