import { connect } from 'node:net'

const CONNECTIONS = 32

/**
 * Requests per second that one server answers to `CONNECTIONS` sockets, each sending its next request when it has its
 * answer. Throws at any answer but 200, so nothing but successes is counted.
 */
export async function measureLoad(url: URL, requests: readonly Buffer[], forMs: number): Promise<number> {
  const startedMs = performance.now()
  const endMs = startedMs + forMs
  let answered = 0
  const run = (at: number) =>
    new Promise<void>((resolve, reject) => {
      let next = at
      const socket = connect(Number(url.port), url.hostname)
      const send = () => {
        socket.write(requests[next % requests.length] ?? Buffer.alloc(0))
        next += CONNECTIONS
      }
      socket.setNoDelay(true)
      socket.on('connect', send)
      socket.on('error', reject)
      socket.on('data', (chunk: Buffer) => {
        if (!chunk.toString('latin1', 0, 12).endsWith(' 200'))
          return reject(new Error(`Answered ${chunk.toString('latin1', 0, 200)}`))
        answered++
        if (performance.now() < endMs) return send()
        socket.destroy()
        resolve()
      })
    })
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, i) => run(i)))
  return (answered / (performance.now() - startedMs)) * 1_000
}
