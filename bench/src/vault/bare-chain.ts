import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startScript } from '../harness/measured-process.ts'
import type { Asked } from '../http/in-flight.ts'
import type { ForwarderArgument, ForwarderHello } from './bare-forwarder.ts'

/** The same request as `direct`, over two processes that hand it on. */
export interface BareChain {
  readonly chain: Asked
}

const FORWARDER = new URL('./bare-forwarder.ts', import.meta.url)

/** Starts the two: the first listens on TCP, the second on a socket of the file system, as server and vault do. */
export async function startBareChain(direct: Asked): Promise<BareChain & AsyncDisposable> {
  await using cleanup = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'outcry-bench-'))
  cleanup.defer(() => rm(folder, { recursive: true, force: true }))
  const socketPath = join(folder, 'second.sock')
  const { hostname, port } = direct.url
  const start = async (argument: ForwarderArgument) => {
    const { hello, process } = await startScript<ForwarderHello>(FORWARDER, argument)
    cleanup.defer(() => void process.kill())
    return hello
  }
  await start({
    at: { path: socketPath },
    to: { host: hostname, port: Number(port) },
    log: join(folder, 'log'),
  })
  const { port: first } = await start({ at: { host: '127.0.0.1', port: 0 }, to: { socketPath } })
  const ended = cleanup.move()
  return {
    chain: { url: new URL(`http://127.0.0.1:${first}`), next: direct.next },
    [Symbol.asyncDispose]: () => ended.disposeAsync(),
  }
}
