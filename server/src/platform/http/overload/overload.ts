import { AsyncLocalStorage } from 'node:async_hooks'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Counter, Gauge } from 'prom-client'
import { SECOND } from '../../durations.ts'
import type { Logger } from '../../log/logger.ts'
import type { Metrics } from '../../metrics/metrics.ts'
import { releaseMemory } from '../../release-memory.ts'
import { readingHeaders, type SiteOrigins } from '../cross-origin.ts'
import { httpErrors } from '../http-errors.ts'
import { problemContentType, renderProblem } from '../problem-response.ts'
import type { Headers } from '../security-headers.ts'
import { AdmissionQueue, type QueueTime } from './admission-queue.ts'
import { afterRush } from './after-rush.ts'

/** What answers a request. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void

/** How overload is noticed, where the server does not say so. */
export interface OverloadOptions {
  /** A clock of tests, in milliseconds. */
  readonly now?: () => number
  /** See `QueueOptions`. */
  readonly turnMs?: number
  readonly waitMs?: number
  readonly rushMs?: number
}

/** What a server adds to it. */
export interface OverloadParts extends OverloadOptions {
  isFirst(request: IncomingMessage): boolean
  readonly origins: SiteOrigins
  readonly headers: Headers
  idOf(request: IncomingMessage): string
  readonly log: Pick<Logger, 'warn'>
  readonly metrics: Metrics | undefined
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/** Long enough for what is under way to be over, and no longer than a person waits. */
const RETRY_AFTER_S = 2
const TELL_MS = 10 * SECOND
/** Stands for the id in what is rendered once. */
const ID = '{id}'

/**
 * Puts `handler` behind a queue that keeps the server from being overrun (R11): as long as it keeps up, everybody is served at
 * once. Otherwise sign-ins wait for those who are signed in, and whoever cannot be served in time gets a 503 that costs
 * next to nothing, before any of the application has seen the request. Probes and metrics never wait.
 */
export function withoutOverload(handler: RequestHandler, parts: OverloadParts): RequestHandler {
  const now = parts.now ?? (() => performance.now())
  const time = timeOf(now)
  const noteWait = afterRush(time, releaseMemory)
  const queue = new AdmissionQueue<Exchange>({
    time,
    isFirst: ({ request }) => parts.isFirst(request),
    serve({ request, response }) {
      if (!request.socket.destroyed) handler(request, response)
    },
    refuse: createRefusal(parts, now),
    turnMs: parts.turnMs,
    waitMs: parts.waitMs,
    rushMs: parts.rushMs,
  })
  measureWaiting(parts.metrics, () => queue.waiting)
  return (request, response) => {
    if (isProbe(request)) return handler(request, response)
    queue.offer({ request, response })
    if (queue.waiting > 0) noteWait()
  }
}

const PROBES: ReadonlySet<string | undefined> = new Set(['/health/live', '/health/ready', '/metrics'])

function isProbe({ method, url }: IncomingMessage): boolean {
  return (method === 'GET' || method === 'HEAD') && PROBES.has(url)
}

/** The event loop's own. Whoever waits is served in nobody else's asynchronous context. */
function timeOf(now: () => number): QueueTime {
  const inOwnContext = AsyncLocalStorage.snapshot()
  return {
    now,
    // Note: a tick alone would come before the promises that are settled already.
    soon: (run) => queueMicrotask(() => process.nextTick(inOwnContext, run)),
    nextTurn: (run) => void setImmediate(inOwnContext, run),
    after: (ms, run) => void setTimeout(inOwnContext, ms, run).unref(),
  }
}

/** Answers 503 with what every answer has, and says in the log now and then how many were turned away. */
function createRefusal(parts: OverloadParts, now: () => number) {
  const { headers, origins, log, metrics, idOf } = parts
  const failure = httpErrors.unavailable()
  const [before = '', after = ''] = renderProblem(failure, ID).split(ID)
  const same = Object.entries({
    ...headers,
    'content-type': problemContentType,
    'retry-after': `${RETRY_AFTER_S}`,
  }).flat()
  const refused = metrics && new Counter({ ...REFUSED, registers: [metrics.registry] })
  const [first, last] = [refused?.labels('first'), refused?.labels('last')]
  let [untold, toldMs] = [0, Number.NEGATIVE_INFINITY]
  return ({ request, response }: Exchange, isFirst: boolean): void => {
    if (request.socket.destroyed) return // they have left
    const counter = isFirst ? first : last
    counter?.inc()
    untold++
    if (now() - toldMs >= TELL_MS) {
      log.warn({ requests: untold }, 'The server is overloaded and turned requests away.')
      untold = 0
      toldMs = now()
    }
    const id = idOf(request)
    const body = before + id + after
    const lines = [...same, 'x-request-id', id, 'content-length', `${body.length}`] // all of it is ASCII
    if (origins.allowed.size > 0) lines.push(...Object.entries(readingHeaders(request, origins)).flat())
    response.writeHead(failure.status, lines).end(body, 'latin1')
  }
}

const REFUSED = {
  name: 'http_requests_turned_away_total',
  help: 'Requests answered 503 because the server was overloaded, by who goes first: the signed-in, or the rest.',
  labelNames: ['rank'],
} as const

function measureWaiting(metrics: Metrics | undefined, waiting: () => number): void {
  if (metrics === undefined) return
  new Gauge({
    name: 'http_requests_waiting',
    help: 'Requests that wait because the server cannot serve all at once.',
    registers: [metrics.registry],
    collect() {
      this.set(waiting())
    },
  })
}
