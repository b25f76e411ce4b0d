import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import { connectClient } from './connect-client.ts'
import { translatePostgresError } from './postgres-errors.ts'

/** Gets the lock until the end of its transaction, unless another session of the same database has it. */
const TAKE = 'select pg_try_advisory_xact_lock($1::bigint) as taken'

/**
 * Whether two URLs lead to one database, whatever server, port or pooler they name. Proven by a lock that one session holds
 * and the other one meets; nothing is stored.
 */
export async function isSameDatabase(url: string, otherUrl: string): Promise<boolean> {
  const key = String(randomBytes(8).readBigInt64BE())
  return connected(url, async (one) => {
    await one.query('begin')
    await one.query(TAKE, [key])
    return connected(otherUrl, async (other) => {
      const { rows } = await other.query<{ taken: boolean }>(TAKE, [key])
      return rows[0]?.taken === false
    })
  })
}

async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connectClient({ connectionString: url })
  try {
    return await work(client)
  } catch (error) {
    throw translatePostgresError(error)
  } finally {
    await client.end().catch(() => undefined)
  }
}
