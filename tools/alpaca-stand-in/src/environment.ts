import { type Account, createAccount } from './accounts/account.ts'
import { goodStanding, type Standing } from './accounts/standing.ts'
import { createKeySet, digestOf, type EnvironmentName, type KeySet } from './http/keys.ts'
import { createRateLimit, type RateLimit } from './http/rate-limit.ts'
import type { Market } from './market/market.ts'
import { createHub, type Hub } from './stream/hub.ts'
import { tradeUpdate } from './stream/trade-update.ts'

/** Paper or live: its keys, the accounts behind them, their calls and their stream. */
export type Environment = {
  name: EnvironmentName
  keys: KeySet
  hub: Hub
  rateLimit: RateLimit
  /** The account of a key; made up when the key is seen for the first time. */
  accountOf(keyId: string): Account
  accounts(): Account[]
  /** How the account of a key stood at first. */
  goodStandingOf(keyId: string): Standing
  /** Forgets accounts, keys and calls, and drops every stream. */
  clear(): void
}

export function createEnvironment(name: EnvironmentName, market: Market): Environment {
  const accounts = new Map<string, Account>()
  const keys = createKeySet(name)
  const rateLimit = createRateLimit(() => market.clock.nowMs())
  const hub = createHub(name, market.settings)
  return {
    ...{ name, keys, hub, rateLimit },
    accountOf(keyId) {
      const digest = digestOf(keyId)
      const known = accounts.get(digest)
      if (known) return known
      const account = createAccount([market.seed, name, keyId], {
        market,
        tell: (event, { book }) => hub.publish(digest, tradeUpdate(event, book, market.clock.nowMs())),
      })
      accounts.set(digest, account)
      return account
    },
    goodStandingOf: (keyId) => goodStanding([market.seed, name, keyId]),
    accounts: () => [...accounts.values()],
    clear() {
      accounts.clear()
      keys.clear()
      rateLimit.clear()
      hub.clear()
    },
  }
}
