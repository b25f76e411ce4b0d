import pg from 'pg'
import { translatePostgresError } from './postgres-errors.ts'

const ANSWER_MS = 5_000

/**
 * Connects once, for work that has a connection of its own. A server that says nothing for five seconds is not there. When
 * the connection is lost, the statement that waits for an answer fails and says so, or the next one; never the process.
 */
export async function connectClient(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client({ ...config, connectionTimeoutMillis: ANSWER_MS })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return client
  } catch (error) {
    await client.end().catch(() => undefined)
    throw translatePostgresError(error)
  }
}
