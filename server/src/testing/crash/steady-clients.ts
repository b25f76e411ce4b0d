import { setTimeout as wait } from 'node:timers/promises'
import { type ApiAnswer, type ApiRequest, ask } from './api-client.ts'

const PAUSE_MS = 20 // they go on all the time, and leave the processor to what is tested

/** Clients of a server that go on until they are told to end. */
export interface SteadyClients {
  /** Has one more client do `work`, over and over; `work` makes one request with what it is given. */
  add(name: string, work: (send: Send, turn: number) => Promise<void>): void
  /** What each client was answered so far, in order; 0 is a connection that broke. */
  readonly answered: ReadonlyMap<string, readonly number[]>
  /** What each client was answered since `mark` was called. */
  since(mark: ReadonlyMap<string, number>): ReadonlyMap<string, readonly number[]>
  mark(): ReadonlyMap<string, number>
  /** How long the slowest 503 took to come. */
  readonly slowestRefusal: { readonly ms: number }
  end(): Promise<void>
}

/** Sends a request and notes its answer. */
export type Send = (request: ApiRequest) => Promise<ApiAnswer | undefined>

/** Makes clients of the server at `url`; there is none yet. */
export function steadyClients(url: string): SteadyClients {
  const answered = new Map<string, number[]>()
  const slowestRefusal = { ms: 0 }
  const running: Promise<void>[] = []
  let isOver = false
  const sendFor =
    (name: string): Send =>
    async (request) => {
      const sentAt = performance.now()
      const answer = await ask(url, request)
      if (answer?.status === 503) slowestRefusal.ms = Math.max(slowestRefusal.ms, performance.now() - sentAt)
      answered.get(name)?.push(answer?.status ?? 0)
      return answer
    }
  const repeat = async (name: string, work: (send: Send, turn: number) => Promise<void>) => {
    const send = sendFor(name)
    for (let turn = 0; !isOver; turn++) {
      await work(send, turn)
      await wait(PAUSE_MS)
    }
  }
  return {
    answered,
    slowestRefusal,
    add(name, work) {
      answered.set(name, [])
      running.push(repeat(name, work))
    },
    mark: () => new Map([...answered].map(([name, { length }]) => [name, length])),
    since: (mark) => new Map([...answered].map(([name, all]) => [name, all.slice(mark.get(name))])),
    async end() {
      isOver = true
      await Promise.all(running)
    },
  }
}

/** Whether a status says that it was done. */
export const isSuccess = (status: number | undefined): boolean => status === 200 || status === 201
