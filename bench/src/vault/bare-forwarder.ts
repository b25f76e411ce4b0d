import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { Agent, createServer, type RequestOptions, request } from 'node:http'
import type { ListenOptions } from 'node:net'

/** Where it listens, and where it hands on to. */
export interface ForwarderArgument {
  readonly at: ListenOptions
  readonly to: RequestOptions
  /** A file that a line is written to, durably, before anything is handed on. */
  readonly log?: string
}

/** The port it listens on, if any. */
export interface ForwarderHello {
  readonly port: number | undefined
}

/** Shorter than a server of Node's leaves a connection open, so that none is closed at the very moment it is used again. */
const IDLE_MS = 2_000
const LINE = `${'x'.repeat(599)}\n`

/** Writes a line for each who asks; who asks while a write is under way shares the next one. */
async function createLog(path: string): Promise<() => Promise<void>> {
  const file = await open(path, 'a')
  let waiting = 0
  let next: Promise<void> | undefined
  let running = Promise.resolve()
  const write = async (): Promise<void> => {
    await running
    next = undefined
    const text = LINE.repeat(waiting)
    waiting = 0
    await file.write(text)
    await file.datasync()
  }
  return () => {
    waiting++
    if (next === undefined) {
      next = write()
      running = next
    }
    return next
  }
}

const { at, to, log }: ForwarderArgument = JSON.parse(process.argv[2] ?? '{}')
const agent = new Agent({ keepAlive: true, timeout: IDLE_MS })
const logged = log === undefined ? undefined : await createLog(log)
const server = createServer(async (incoming, answer) => {
  incoming.resume()
  await logged?.()
  const { method, url: path, headers } = incoming
  request({ ...to, agent, method, path, headers }, (found) => {
    answer.writeHead(found.statusCode ?? 0, found.headers)
    found.pipe(answer)
  }).end()
})
process.on('disconnect', () => process.exit(0))
await once(server.listen(at), 'listening')
const address = server.address()
const hello: ForwarderHello = { port: typeof address === 'object' ? address?.port : undefined }
process.send?.(hello)
