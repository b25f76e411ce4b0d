import { DatabaseSync } from 'node:sqlite'
import type { DatabaseLocation } from '../platform/db/index.ts'
import { onPostgresAt } from './postgres-client.ts'

/** What the engine's own driver takes for one value. */
export type RawValue = string | number | null | Uint8Array
/** Rows as the engine's own driver gives them. */
export type RawRows = Record<string, unknown>[]
/** Runs one statement, its values in place of `?` or `$1`. */
export type RawQuery = (text: string, values?: readonly RawValue[]) => Promise<RawRows>

/** Runs statements past the data layer, on PostgreSQL as the role that migrates, which row security binds, too. */
export async function asOwner<T>(
  location: DatabaseLocation,
  work: (query: RawQuery) => Promise<T>,
): Promise<T> {
  if (location.kind === 'sqlite') {
    const database = new DatabaseSync(location.path)
    try {
      return await work(async (text, values = []) => database.prepare(text).all(...values))
    } finally {
      database.close()
    }
  }
  return await onPostgresAt(location.adminUrl, async (client) => {
    await client.query(`set app.system = 'on'`)
    return await work(async (text, values = []) => (await client.query(text, [...values])).rows)
  })
}
