import { setImmediate as nextTurn } from 'node:timers/promises'
import { apiBase } from '@outcry/contract/endpoint'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { SECOND } from '../durations.ts'
import { type AdmissionOptions, createAdmission } from './admission.ts'
import type { BoundEventRoute } from './event-route.ts'
import type { EventStreams } from './event-streams.ts'
import { unauthenticated } from './http-errors.ts'
import { OpenEventStream } from './open-event-stream.ts'

const HEADERS = {
  'content-type': 'text/event-stream',
  'x-accel-buffering': 'no', // or nginx would keep events until it has a page of them
} as const

/** Not all at once after a stop: each client waits between these. */
const RETRY_MS = { least: 2 * SECOND, most: 5 * SECOND } as const

/** What streams of events are served with. */
export interface RegisterEventOptions extends AdmissionOptions {
  readonly streams: EventStreams
}

/** Puts a stream of events on the server. */
export function registerEventRoute(
  fastify: FastifyInstance,
  bound: BoundEventRoute,
  options: RegisterEventOptions,
): void {
  const { access, limit, endpoint } = bound
  const pattern = apiBase + endpoint.path
  fastify.route({
    method: ['GET', 'HEAD'],
    url: pattern,
    onRequest: createAdmission({ access, limit, scopeFor: () => undefined }, pattern, options),
    handler: async (request, reply) => {
      if (request.method === 'HEAD') return reply.headers(HEADERS).send()
      // Note: what is wrong with the rest of the request shows before the next turn, and is answered instead.
      await nextTurn()
      return open(bound, { request, reply, streams: options.streams })
    },
  })
}

interface Opening {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly streams: EventStreams
}

function open({ endpoint, open }: BoundEventRoute, { request, reply, streams }: Opening): FastifyReply {
  const { actor } = request.call
  if (actor === undefined) throw unauthenticated()
  const seen = request.headers['last-event-id']
  const feed = open({ actor, isResumed: seen !== undefined })
  reply.hijack()
  const { raw } = reply
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) raw.setHeader(name, value)
  }
  raw.writeHead(200, HEADERS)
  const stream = new OpenEventStream(raw, {
    events: endpoint.events,
    lastId: idIn(seen),
    bufferBytes: streams.bufferBytes,
  })
  stream.retryAfter(RETRY_MS.least + Math.floor(Math.random() * (RETRY_MS.most - RETRY_MS.least)))
  streams.add(actor.id, stream)
  feed(stream)
  return reply
}

/** Ids go on from what a client has seen, whichever process it saw it from. */
function idIn(seen: string | string[] | undefined): number {
  return typeof seen === 'string' && /^\d{1,15}$/.test(seen) ? Number(seen) : 0
}
