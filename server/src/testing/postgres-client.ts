import { Client } from 'pg'

/**
 * A connection past the data layer, which its caller ends. When the server goes away, the next statement fails, and not the
 * run of the tests: a client to whose errors nobody listens ends its process ("Events", the manual of node-postgres).
 */
export async function connectTo(url: string | undefined): Promise<Client> {
  if (!url) throw new Error('There is no address to connect to.')
  const client = new Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  return client
}

/** Runs work on such a connection and ends it. */
export async function onPostgresAt<T>(
  url: string | undefined,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await connectTo(url)
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
