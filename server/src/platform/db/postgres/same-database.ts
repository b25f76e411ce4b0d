import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { translatePostgresError } from './postgres-errors.ts'

/** Gets the lock until the end of its transaction, unless another session of the same database has it. */
const TAKE = 'select pg_try_advisory_xact_lock($1::bigint) as taken'

/**
 * Whether two URLs lead to one database, whatever server, port or pooler they name. Proven by a lock that one session holds
 * and the other one meets; nothing is stored.
 */
export async function isSameDatabase(url: string, otherUrl: string): Promise<boolean> {
  const one = new pg.Client({ connectionString: url })
  const other = new pg.Client({ connectionString: otherUrl })
  for (const client of [one, other]) client.on('error', () => undefined) // its statement fails and says so
  const key = String(randomBytes(8).readBigInt64BE())
  try {
    await one.connect()
    await one.query('begin')
    await one.query(TAKE, [key])
    await other.connect()
    const { rows } = await other.query<{ taken: boolean }>(TAKE, [key])
    return rows[0]?.taken === false
  } catch (error) {
    throw translatePostgresError(error)
  } finally {
    await Promise.all([one.end(), other.end()].map((ending) => ending.catch(() => undefined)))
  }
}
