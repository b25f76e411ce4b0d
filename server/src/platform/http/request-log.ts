import type { FastifyInstance } from 'fastify'
import type { Logger } from '../log/logger.ts'
import type { Metrics } from '../metrics/metrics.ts'

/**
 * One line and one measurement per request. Only these fields, by allow-list (C79): no address, no path, no header,
 * nothing that came in.
 */
export function addRequestLog(
  fastify: FastifyInstance,
  { log, metrics }: { readonly log: Logger; readonly metrics?: Metrics },
): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const { method, call } = request
    const { statusCode, elapsedTime } = reply
    metrics?.observeRequest({ method, route: call.route, status: statusCode }, elapsedTime / 1_000)
    log.info(
      {
        method,
        route: call.route,
        status: statusCode,
        ms: Math.round(elapsedTime * 100) / 100,
        request_id: request.id,
        account_id: call.actor?.id,
      },
      'request',
    )
    done()
  })
}
