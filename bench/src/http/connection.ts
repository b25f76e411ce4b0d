import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** An answer, and how long it took from the first byte sent to the last byte received. */
export interface Answer {
  readonly status: number
  /** Status line and headers as they came. */
  readonly head: string
  readonly body: string
  readonly ms: number
}

export interface RequestParts {
  readonly method: 'GET' | 'POST'
  /** Without `/api/v1`. */
  readonly path: string
  readonly body?: object
  readonly token?: string
}

/** A request to the API as bytes, so that the one who measures does little else than send them. */
export function apiRequest(host: string, { method, path, body, token }: RequestParts): Buffer {
  const content = body === undefined ? '' : JSON.stringify(body)
  const lines = [
    `${method} /api/v1${path} HTTP/1.1`,
    `host: ${host}`,
    'user-agent: a browser', // as the sessions of seeded members say, so that nobody is mailed about a new device
    ...(token === undefined ? [] : [`authorization: Bearer ${token}`]),
    ...(body === undefined
      ? []
      : ['content-type: application/json', `content-length: ${Buffer.byteLength(content)}`]),
  ]
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${content}`)
}

/** One keep-alive connection that carries one request at a time. */
export class Connection {
  readonly #socket: Socket
  #received = ''
  #sentMs = 0
  #settle: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => this.#take(text))
    socket.on('error', (error) => this.#settle?.reject(error))
    socket.on('close', () => this.#settle?.reject(new Error('The server closed the connection.')))
  }

  static async open(url: URL): Promise<Connection> {
    const socket = connect(Number(url.port), url.hostname)
    await once(socket, 'connect')
    return new Connection(socket)
  }

  send(request: Buffer): Promise<Answer> {
    this.#received = ''
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
      this.#sentMs = performance.now()
      this.#socket.write(request)
    })
  }

  close(): void {
    this.#settle = undefined
    this.#socket.destroy()
  }

  #take(text: string): void {
    this.#received += text
    const headEnd = this.#received.indexOf('\r\n\r\n')
    if (headEnd === -1) return
    const head = this.#received.slice(0, headEnd)
    const body = this.#received.slice(headEnd + 4)
    if (body.length < Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)) return
    const settle = this.#settle
    this.#settle = undefined
    settle?.resolve({ status: Number(head.slice(9, 12)), head, body, ms: performance.now() - this.#sentMs })
  }
}

/** Opens `count` connections for the length of `work`. */
export async function withConnections<T>(
  url: URL,
  count: number,
  work: (connections: readonly Connection[]) => Promise<T>,
): Promise<T> {
  const connections = await Promise.all(Array.from({ length: count }, () => Connection.open(url)))
  try {
    return await work(connections)
  } finally {
    for (const connection of connections) connection.close()
  }
}
