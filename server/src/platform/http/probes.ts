import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { asError } from '../as-error.ts'
import type { Logger } from '../log/logger.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { isLoopback } from './client-address.ts'
import { sendProblem } from './error-answers.ts'
import { httpErrors } from './http-errors.ts'
import { addReading } from './reading.ts'

/** Something a server cannot serve without; rejects, or stays silent too long, when it is not well. */
export interface ReadinessCheck {
  readonly name: string
  check(): Promise<void>
}

/** What the probes tell, and to whom. */
export interface ProbeOptions {
  readonly checks: readonly ReadinessCheck[]
  readonly isDraining: () => boolean
  /** Told once when a check begins to fail, with its reason, and once when it is well again. */
  readonly log: Pick<Logger, 'warn' | 'info'>
  readonly metrics: Metrics | undefined
  /** Lets metrics be read from elsewhere; without one they answer on loopback only. */
  readonly metricsToken: string | undefined
}

const CHECK_TIMEOUT_MS = 2_000

/** `/health/live`, `/health/ready` and `/metrics`: no sign-in, no rate limit, no details that help an attacker. */
export function addProbes(fastify: FastifyInstance, options: ProbeOptions): void {
  const runChecks = checkRunner(options)
  addReading(fastify, '/health/live', async () => ({ status: 'ok' }))
  addReading(fastify, '/health/ready', async (_request, reply) => {
    const checks = await runChecks()
    const isReady = !options.isDraining() && Object.values(checks).every((state) => state === 'ok')
    reply.code(isReady ? 200 : 503)
    return { status: options.isDraining() ? 'stopping' : isReady ? 'ok' : 'failing', checks }
  })
  const { metrics, metricsToken } = options
  if (metrics === undefined) return
  addReading(fastify, '/metrics', async (request, reply) => {
    if (!mayReadMetrics(request, metricsToken)) {
      sendProblem(httpErrors.notFound(), request, reply)
      return reply
    }
    reply.header('content-type', metrics.registry.contentType)
    return metrics.registry.metrics()
  })
}

type CheckState = 'ok' | 'failed'

function checkRunner({ checks, log }: ProbeOptions): () => Promise<Record<string, CheckState>> {
  const failing = new Set<string>()
  const note = (name: string, problem: Error | undefined) => {
    if (failing.has(name) === (problem !== undefined)) return
    if (problem === undefined) {
      failing.delete(name)
      log.info({ check: name }, 'A readiness check is well again.')
    } else {
      failing.add(name)
      const message = 'A readiness check fails; the server is not ready until it is mended.'
      log.warn({ check: name, err: problem }, message)
    }
  }
  return async () => {
    const states = await Promise.all(
      checks.map(async (each): Promise<[string, CheckState]> => {
        const problem = await problemOf(each)
        note(each.name, problem)
        return [each.name, problem === undefined ? 'ok' : 'failed']
      }),
    )
    return Object.fromEntries(states)
  }
}

async function problemOf(each: ReadinessCheck): Promise<Error | undefined> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('The check took too long.')), CHECK_TIMEOUT_MS)
  try {
    await Promise.race([each.check(), late])
    return undefined
  } catch (error) {
    return asError(error)
  } finally {
    clearTimeout(timer)
  }
}

function mayReadMetrics(request: FastifyRequest, token: string | undefined): boolean {
  const { headers } = request
  if (token !== undefined) return isSame(headers.authorization ?? '', `Bearer ${token}`)
  // Note: behind a proxy on this machine that nobody declared, everyone seems to be on loopback.
  const isForwarded = ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip'].some(
    (name) => headers[name] !== undefined,
  )
  return !isForwarded && isLoopback(request.call.clientAddress)
}

function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}
