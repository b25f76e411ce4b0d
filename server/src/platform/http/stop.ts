import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'

const DRAIN_MS = 30_000 // R25

/** How long a server takes to stop; see `HttpServer.stop`. */
export interface StopOptions {
  readonly noticeMs?: number
  readonly drainMs?: number
}

/** Stops a server as `HttpServer.stop` promises. */
export async function stopGracefully(
  fastify: FastifyInstance,
  state: { isDraining: boolean },
  { noticeMs = 0, drainMs = DRAIN_MS }: StopOptions = {},
): Promise<void> {
  state.isDraining = true
  if (noticeMs > 0) await delay(noticeMs)
  const { server } = fastify
  // Note: a connection whose request finishes now would stay open until its keep-alive timeout, and stop() with it.
  const sweep = setInterval(() => server.closeIdleConnections(), 20)
  const cutOff = setTimeout(() => server.closeAllConnections(), drainMs)
  try {
    await fastify.close()
  } finally {
    clearInterval(sweep)
    clearTimeout(cutOff)
  }
}
