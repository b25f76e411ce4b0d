import { connect, type Socket } from 'node:net'

/** Told of each answer, and with status 0 of a connection that broke before it. */
export type OnAnswer = (connection: AskingConnection, status: number, ms: number) => void

const HEAD_END = '\r\n\r\n'

/** A keep-alive connection that carries one request at a time, and is opened anew when it breaks. */
export class AskingConnection {
  readonly #url: URL
  readonly #onAnswer: OnAnswer
  #socket: Socket
  #sentMs = 0
  #isAsking = false
  #isClosed = false
  #received = ''
  #length = -1
  /** Which kind of request is under way. */
  kind = 0

  constructor(url: URL, onAnswer: OnAnswer) {
    this.#url = url
    this.#onAnswer = onAnswer
    this.#socket = this.#open()
  }

  send(request: Buffer, kind: number): void {
    this.kind = kind
    this.#isAsking = true
    this.#received = ''
    this.#length = -1
    this.#sentMs = performance.now()
    this.#socket.write(request)
  }

  close(): void {
    this.#isClosed = true
    this.#socket.destroy()
  }

  #open(): Socket {
    const socket = connect(Number(this.#url.port), this.#url.hostname)
    socket.setNoDelay(true)
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => this.#take(text))
    socket.on('error', () => undefined) // told by 'close'
    socket.on('close', () => {
      if (this.#isClosed) return
      this.#socket = this.#open()
      if (this.#isAsking) this.#tell(0)
    })
    return socket
  }

  #take(text: string): void {
    this.#received = this.#received === '' ? text : this.#received + text
    if (this.#length === -1) {
      const headEnd = this.#received.indexOf(HEAD_END)
      if (headEnd === -1) return
      const head = this.#received.slice(0, headEnd)
      const at = head.search(/\r\ncontent-length: /i)
      this.#length = at === -1 ? Number.NaN : headEnd + 4 + Number.parseInt(head.slice(at + 18), 10)
    }
    const isWhole = Number.isNaN(this.#length)
      ? this.#received.endsWith(`0${HEAD_END}`) // chunked
      : this.#received.length >= this.#length
    if (isWhole) this.#tell(Number(this.#received.slice(9, 12)))
  }

  #tell(status: number): void {
    this.#isAsking = false
    this.#onAnswer(this, status, performance.now() - this.#sentMs)
  }
}
