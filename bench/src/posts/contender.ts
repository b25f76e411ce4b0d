import type { DatabaseLocation } from '../../../server/src/platform/db/index.ts'
import type { PostPatch, PostRow } from './post.table.ts'

type Answer<T> = T | Promise<T>

/** One way of doing the same five things to the same table. */
export interface Contender {
  point(id: string): Answer<PostRow | undefined>
  page(authorId: string): Answer<readonly PostRow[]>
  insert(row: PostRow): Answer<unknown>
  /** All in one transaction, one after another. */
  insertAll(rows: readonly PostRow[]): Answer<unknown>
  update(id: string, patch: PostPatch): Answer<unknown>
  close(): Answer<unknown>
}

/** A module in `contenders/` exports its way of opening as `open`. */
export type OpenContender = (location: DatabaseLocation) => Promise<Contender>

export const POOL_SIZE = 10

/** What every SQLite connection is set to: durable on every commit, as the product is. */
export const SQLITE_PRAGMAS =
  'pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma trusted_schema = off; ' +
  'pragma temp_store = memory; pragma cache_size = -16384; pragma wal_autocheckpoint = 2000;'

export function sqlitePath(location: DatabaseLocation): string {
  if (location.kind !== 'sqlite') throw new TypeError('This contender speaks SQLite.')
  return location.path
}

/**
 * For the serving role, with the row context of the system set once per session: the others have no notion of it, and
 * this spares them what our layer does in every transaction.
 */
export function postgresSettings(location: DatabaseLocation) {
  if (location.kind !== 'postgres') throw new TypeError('This contender speaks PostgreSQL.')
  return {
    connectionString: location.url,
    max: POOL_SIZE,
    options: '-c app.system=on -c TimeZone=UTC -c DateStyle=ISO',
  }
}
