import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** What a pooler makes of the message that opens a session. */
export interface PoolerOptions {
  /** What it calls the database, whatever that one calls itself. */
  readonly alias: string
  /** Parameters that it takes and forgets, as PgBouncer's `ignore_startup_parameters` says. */
  readonly ignored?: readonly string[]
}

const HEADER_BYTES = 8 // length and version of the protocol
const toParameters = (text: string) => {
  const parts = text.split('\0')
  return new Map(parts.slice(0, -2).flatMap((name, i) => (i % 2 ? [] : [[name, parts[i + 1] ?? '']])))
}

/** The opening message with another database and without what is ignored; `undefined` for a database it does not know. */
function rewritten(message: Buffer, name: string, { alias, ignored = [] }: PoolerOptions) {
  const parameters = toParameters(message.toString('utf8', HEADER_BYTES))
  if (parameters.get('database') !== alias) return undefined
  parameters.set('database', name)
  for (const each of ignored) parameters.delete(each)
  const body = Buffer.from(`${[...parameters].flat().join('\0')}\0\0`)
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeInt32BE(HEADER_BYTES + body.length)
  message.copy(header, 4, 4, HEADER_BYTES)
  return Buffer.concat([header, body])
}

/**
 * Stands between a client and the real PostgreSQL until the test ends, and calls the database of `url` by another name.
 * Gives the URL that leads through it.
 */
export async function poolerTo(url: string, options: PoolerOptions): Promise<string> {
  const { hostname, port, pathname } = new URL(url)
  const sockets = new Set<Socket>()
  const pooler = createServer((client) => {
    client.once('data', (message) => {
      const opening = rewritten(Buffer.from(message), pathname.slice(1), options)
      if (opening === undefined) return client.destroy()
      const server = connect(Number(port), hostname)
      for (const [from, to] of [[client, server] as const, [server, client] as const]) {
        sockets.add(from)
        from.on('error', () => to.destroy())
        from.pipe(to)
      }
      return server.write(opening)
    })
  }).listen(0, '127.0.0.1')
  await once(pooler, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    pooler.close()
  })
  const address = pooler.address()
  const host = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  return Object.assign(new URL(url), { host, pathname: `/${options.alias}` }).href
}
