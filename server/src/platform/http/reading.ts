import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/**
 * Serves something to read beside the API: no sign-in, no limits of its own. HEAD answers as GET does, without the body
 * (RFC 9110 section 9.3.2), because monitors and `curl -I` ask so.
 */
export function addReading(
  fastify: FastifyInstance,
  path: string,
  answer: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
): void {
  fastify.route({
    method: ['GET', 'HEAD'],
    url: path,
    handler(request, reply) {
      request.call.route = path
      return answer(request, reply)
    },
  })
}
