import { createEnvironment, type Environment } from './environment.ts'
import { createFaults, type Faults } from './http/faults.ts'
import type { EnvironmentName } from './http/keys.ts'
import { createRequestLog, type RequestLog } from './http/request-log.ts'
import { createClock } from './market/clock.ts'
import { DEFAULT_SETTINGS, type Market } from './market/market.ts'
import { createPrices } from './market/prices.ts'

/** Everything the stand-in knows, without its sockets. */
export type World = {
  market: Market
  faults: Faults
  log: RequestLog
  environments: Record<EnvironmentName, Environment>
  /** Does what is due in every account: after the clock, a price or a setting changed. */
  settle(): void
  /** As if just started, except for the clock. */
  reset(): void
}

export type WorldOptions = { seed: string; startsAt: Date; isRunning: boolean }

export function createWorld({ seed, startsAt, isRunning }: WorldOptions): World {
  const clock = createClock({ startsAt, isRunning })
  const market: Market = { seed, clock, prices: createPrices(seed), settings: { ...DEFAULT_SETTINGS } }
  const faults = createFaults()
  const log = createRequestLog(() => clock.nowMs())
  const environments = {
    paper: createEnvironment('paper', market),
    live: createEnvironment('live', market),
  }
  const both = Object.values(environments)
  const settle = () => {
    for (const account of both.flatMap((environment) => environment.accounts())) account.trading.settle()
  }
  clock.onMove(settle)
  return {
    ...{ market, faults, log, environments, settle },
    reset() {
      faults.clear()
      log.clear()
      market.prices.clear()
      Object.assign(market.settings, DEFAULT_SETTINGS)
      for (const environment of both) environment.clear()
    },
  }
}
