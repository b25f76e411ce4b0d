import { type Controls, createControls } from './controls/controls.ts'
import type { RequestLog } from './http/request-log.ts'
import { type Listener, listen } from './listener.ts'
import { DEFAULT_NOW } from './market/clock.ts'
import { createWorld } from './world.ts'

export type { FaultOrder } from './http/faults.ts'
export type { LogEntry } from './http/request-log.ts'

export type StandInOptions = {
  /** Paper is served here and live on the next one; without it, each on any free port. */
  port?: number
  /** Accounts and prices follow from it. Default `outcry`. */
  seed?: string
  /** Where the clock starts. Default: 15 June 2026, 10:30 in New York, a Monday with the market open. */
  now?: Date
  /** Whether time passes by itself. Default: it stands still. */
  isRunning?: boolean
}

/** A running double of the Alpaca trading API. */
export type StandIn = {
  paper: Pick<Listener, 'url' | 'streamUrl' | 'port'>
  live: Pick<Listener, 'url' | 'streamUrl' | 'port'>
  /** What can be done to it: the same commands as `POST /_stand-in/COMMAND`. */
  controls: Controls
  log: Pick<RequestLog, 'entries' | 'until'>
  /** Cuts every connection and frees the ports. */
  dispose(): Promise<void>
}

const TICK_MS = 1_000

/**
 * Starts the stand-in on 127.0.0.1. Paper takes key ids that begin with PKFAKE, live those that begin with AKFAKE, with any
 * secret that begins with fake-secret-. Fails with the system's error when a port is taken.
 */
export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const { port = 0, seed = 'outcry', now = DEFAULT_NOW, isRunning = false } = options
  const world = createWorld({ seed, startsAt: now, isRunning })
  const controls = createControls(world)
  const { environments } = world
  const paper = await listen({ environment: environments.paper, world, controls }, port)
  const livePort = port === 0 ? 0 : port + 1
  const live = await listen({ environment: environments.live, world, controls }, livePort).catch(
    async (error: unknown) => {
      await paper.close()
      throw error
    },
  )
  const ticking = setInterval(() => {
    if (world.market.clock.isRunning) world.settle()
  }, TICK_MS).unref()
  return {
    ...{ paper, live, controls, log: world.log },
    async dispose() {
      clearInterval(ticking)
      await Promise.all([paper.close(), live.close()])
    },
  }
}
