import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createProviders } from '../modules/brokers/index.ts'

/** What reached a broker's double. */
export interface ReceivedRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
}

/** A local server in a broker's place, which answers as a test says and remembers who asked. */
export interface BrokerDouble extends AsyncDisposable {
  readonly url: URL
  /** Who asked; a test may empty it. */
  readonly received: ReceivedRequest[]
  /** Changes how it answers from now on. */
  answer(listener: RequestListener): void
  /** Answers as a healthy broker again. */
  recover(): void
}

const HEALTHY: RequestListener = (_request, response: ServerResponse) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"account_number":"A1"}')
}

/** The providers of the product, with their hosts here. */
export function providersAt(paper: Pick<BrokerDouble, 'url'>, live: Pick<BrokerDouble, 'url'>) {
  return createProviders({ alpacaPaperUrl: paper.url, alpacaLiveUrl: live.url })
}

/** Starts a double on a free port of the loopback address. */
export async function startBrokerDouble(): Promise<BrokerDouble> {
  const received: ReceivedRequest[] = []
  let listener = HEALTHY
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request
    received.push({ method, url, headers })
    listener(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: new URL(`http://127.0.0.1:${port}`),
    received,
    answer(next) {
      listener = next
    },
    recover() {
      listener = HEALTHY
    },
    async [Symbol.asyncDispose]() {
      if (!server.listening) return
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
