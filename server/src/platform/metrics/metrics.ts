import { collectDefaultMetrics, Histogram, Registry } from 'prom-client'

/** Everything a server counts, in one registry of its own. */
export interface Metrics {
  /** For metrics of other parts: `new Gauge({ registers: [metrics.registry], … })`. */
  readonly registry: Registry
  observeRequest(labels: RequestLabels, seconds: number): void
}

/** What a measured request is counted under. */
export interface RequestLabels {
  readonly method: string
  /** The pattern, never a path: every value is a series of its own for ever. */
  readonly route: string
  readonly status: number
}

/** What is measured. */
export interface MetricsOptions {
  /** Also measures the process: memory, CPU, garbage collection, event-loop lag. Default true. */
  readonly process?: boolean
}

/** Upper bounds in seconds; the promises of the service (100 ms, 250 ms, 500 ms) lie on bounds. */
const bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]

/** A fresh registry; two servers in one process never share counts. */
export function createMetrics(options: MetricsOptions = {}): Metrics {
  const registry = new Registry()
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the head of a request to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: bounds,
    registers: [registry],
  })
  if (options.process ?? true) collectDefaultMetrics({ register: registry })
  return {
    registry,
    observeRequest: ({ method, route, status }, seconds) =>
      durations.observe({ method, route, status }, seconds),
  }
}
