import { connect } from 'node:net'

const CONNECTIONS = 32

/**
 * Requests per second that one server answers to `CONNECTIONS` sockets, each sending its next request when it has its
 * answer. Throws at any answer but 200, so nothing but successes is counted.
 *
 * It never sleeps meanwhile: to wake a sleeping process on the same machine costs a server an interrupt of the other core
 * per answer, more than writing it, which a server so fast that it keeps this process busy would be spared.
 */
export async function measureLoad(url: URL, requests: readonly Buffer[], forMs: number): Promise<number> {
  const startedMs = performance.now()
  const endMs = startedMs + forMs
  let answered = 0
  let isOver = false
  const stayAwake = () => void (isOver || setImmediate(stayAwake))
  stayAwake()
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
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, i) => run(i))).finally(() => {
    isOver = true
  })
  return (answered / (performance.now() - startedMs)) * 1_000
}
