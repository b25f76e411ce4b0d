import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { apiBase } from '@outcry/contract/endpoint'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type AdmissionOptions, createAdmission } from './admission.ts'
import type { SiteOrigins } from './cross-origin.ts'
import { httpErrors } from './http-errors.ts'
import { compileInput } from './input-schema.ts'
import { type LimitedBody, limitedBody } from './limited-body.ts'
import { createHearing, type Hear, isHeardLate } from './refusals.ts'
import { requestFacts } from './request-facts.ts'
import type { BoundStreamRoute, StreamAnswer } from './stream-route.ts'

/** Puts a stream on the server, in a scope of its own, where no body is parsed. */
export function registerStreamRoute(
  fastify: FastifyInstance,
  bound: BoundStreamRoute,
  options: AdmissionOptions,
): void {
  const { endpoint } = bound
  const pattern = apiBase + endpoint.path
  const rule = {
    access: bound.access,
    limit: bound.limit,
    scopeFor: bound.scopeFor,
    tokenHeaders: bound.tokenHeaders,
  }
  const admit = createAdmission(rule, pattern, options)
  fastify.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    scope.route({
      method: endpoint.methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])),
      url: pattern.replace(/\{(\w+)\}/g, ':$1'),
      onRequest: admit,
      handler: createHandler(bound, options.origins, createHearing(pattern, options.onRefused)),
    })
    done()
  })
}

function createHandler(bound: BoundStreamRoute, origins: SiteOrigins, hear: Hear) {
  const { endpoint, bodyLimit, notFound = httpErrors.notFound } = bound
  const door = { origins, takesForm: false }
  const slashes = (apiBase + endpoint.path).split('/').length - 1
  const check = endpoint.params && compileInput(endpoint.params, { root: 'params', fromText: true })
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const params = check?.(request.params)
    if (params !== undefined && 'errors' in params) throw notFound()
    const target = splitTarget(request.raw.url ?? '', slashes)
    const body = bodyOf(request.raw, bodyLimit, reply)
    const facts = requestFacts(request, reply, door)
    const { method, headers, call } = request
    const { actor } = call
    const { signal } = facts // worked out before anything is awaited, so that it knows of a client that leaves
    try {
      const answer = await bound.run({
        ...target,
        actor,
        params: params?.value,
        method,
        headers,
        body: body?.stream,
        request: facts,
      })
      if (!body?.isTooLarge()) return send(reply, method, answer)
      if (answer.body instanceof Readable) answer.body.destroy()
      throw tooLarge(reply)
    } catch (error) {
      if (body?.isTooLarge()) throw tooLarge(reply)
      if (!isHeardLate(error)) throw error
      return hear({ actor, method, address: facts.clientAddress, requestId: facts.id }, error)
    } finally {
      if (signal.aborted) body?.stream.destroy()
    }
  }
}

/** A path and query behind the first `slashes` slashes, byte for byte. */
function splitTarget(url: string, slashes: number): { readonly path: string; readonly query: string } {
  // Note: what RFC 9112, section 3.2, lets nobody send, and what parsers of URLs read in more ways than one.
  if (/[^\x21-\x7e]|#/.test(url))
    throw httpErrors.badRequest({ reason: 'its target has characters that must be percent-encoded' })
  const question = url.indexOf('?')
  const whole = question === -1 ? url : url.slice(0, question)
  const path = whole.split('/').slice(slashes).join('/')
  return { path: `/${path}`, query: question === -1 ? '' : url.slice(question) }
}

function bodyOf(request: IncomingMessage, limit: number, reply: FastifyReply): LimitedBody | undefined {
  const { method, headers } = request
  if (method === 'GET' || method === 'HEAD') return undefined
  const length = headers['content-length']
  if (headers['transfer-encoding'] === undefined && (length ?? '0') === '0') return undefined
  if (length !== undefined && Number(length) > limit) throw tooLarge(reply)
  return limitedBody(request, limit)
}

/** The rest of the body is not read, so the connection cannot be used again. */
function tooLarge(reply: FastifyReply) {
  reply.header('connection', 'close')
  return httpErrors.bodyTooLarge()
}

function send(reply: FastifyReply, method: string, { status, headers, body }: StreamAnswer): FastifyReply {
  reply.code(status)
  for (const [name, value] of Object.entries(headers)) reply.header(name, value)
  if (method !== 'HEAD' && status !== 204 && status !== 304) return reply.send(body)
  if (body instanceof Readable) body.on('error', () => undefined).resume()
  return reply.send(method === 'HEAD' && status !== 204 && status !== 304 ? Readable.from([]) : undefined)
}
