import type { FastifyReply, FastifyRequest } from 'fastify'
import { MINUTE } from '../durations.ts'
import type { Actor } from './actor.ts'
import { addressGroup } from './client-address.ts'
import { httpErrors } from './http-errors.ts'
import {
  MemoryRateLimitStore,
  type RateLimitRule,
  type RateLimitState,
  type RateLimitStore,
  resetSeconds,
} from './rate-limit.ts'

/** Where requests are counted, and the limits every request has. */
export interface RateLimitOptions {
  /** `false` switches every limit off: for load tests on loopback only. */
  readonly enabled?: boolean
  readonly store?: RateLimitStore
  /** The counter all processes share, for rules marked `shared`. */
  readonly sharedStore?: RateLimitStore
  /** All requests of an address that nobody signed; default 60 per minute (C10). */
  readonly anonymousTotal?: Pick<RateLimitRule, 'max' | 'windowMs'>
  /** All requests of an account by its sessions, and as many by its tokens; default 300 per minute (C10). */
  readonly accountTotal?: Pick<RateLimitRule, 'max' | 'windowMs'>
}

/** Counts requests against rules and tells clients where they stand. */
export class RateLimits {
  readonly anonymousTotal: RateLimitRule
  readonly accountTotal: RateLimitRule
  readonly #enabled: boolean
  readonly #store: RateLimitStore
  readonly #sharedStore: RateLimitStore

  constructor(options: RateLimitOptions = {}) {
    this.#enabled = options.enabled ?? true
    this.#store = options.store ?? new MemoryRateLimitStore()
    this.#sharedStore = options.sharedStore ?? this.#store
    this.anonymousTotal = {
      per: 'address',
      name: 'anonymous',
      max: 60,
      windowMs: MINUTE,
      ...options.anonymousTotal,
    }
    this.accountTotal = {
      per: 'account',
      name: 'account',
      max: 300,
      windowMs: MINUTE,
      ...options.accountTotal,
    }
  }

  /**
   * Counts one request against every rule, in order; throws 429 with `Retry-After` at the first that is used up. Sets
   * `RateLimit-*` (draft-ietf-httpapi-ratelimit-headers-06) to the rule with the least left. A promise only when a
   * store needs one.
   */
  take(
    request: FastifyRequest,
    reply: FastifyReply,
    rules: readonly RateLimitRule[],
  ): undefined | Promise<void> {
    if (!this.#enabled) return undefined
    for (let i = 0; i < rules.length; i++) {
      const rule = rules[i]
      if (rule === undefined) continue
      const state = this.#count(rule, keyOf(rule, request))
      if (state instanceof Promise) {
        const rest = rules.slice(i + 1)
        return state.then((settled) => {
          settle(reply, rule, settled)
          return this.take(request, reply, rest)
        })
      }
      settle(reply, rule, state)
    }
    return undefined
  }

  /**
   * Counts one event under a key of the caller's choosing, such as an e-mail address from a body. Throws 429 with
   * `Retry-After` and `RateLimit-*` when the rule is used up.
   */
  async takeFor(key: string, rule: Omit<RateLimitRule, 'per'>): Promise<void> {
    if (!this.#enabled) return
    const state = await this.#count(rule, `${rule.name}\n${key}`)
    if (!state.allowed) throw rateLimited(rule, state)
  }

  #count(rule: Omit<RateLimitRule, 'per'>, key: string): RateLimitState | Promise<RateLimitState> {
    return (rule.shared === true ? this.#sharedStore : this.#store).take(key, rule)
  }
}

function keyOf(rule: RateLimitRule, { call }: FastifyRequest): string {
  const who = rule.per === 'account' && call.actor ? accountOf(call.actor) : addressGroup(call.clientAddress)
  return `${rule.name}\n${who}`
}

// Note: a stolen or runaway token must never use up what its owner needs to revoke it.
function accountOf({ id, token }: Actor): string {
  return token === undefined ? id : `tokens of ${id}`
}

function settle(reply: FastifyReply, rule: RateLimitRule, state: RateLimitState): void {
  if (!state.allowed) throw rateLimited(rule, state)
  const shown = reply.getHeader('ratelimit-remaining')
  if (shown !== undefined && state.remaining >= Number(shown)) return
  const { max } = rule
  reply.headers(standing({ max, remaining: state.remaining, seconds: resetSeconds(state) }))
}

function rateLimited({ max }: Pick<RateLimitRule, 'max'>, state: RateLimitState) {
  const seconds = resetSeconds(state)
  return httpErrors.rateLimited({ seconds }, { headers: nothingLeft({ max, seconds }) })
}

/** The headers of a 429: nothing is left for so many seconds. Without `max` when nobody here knows how much there was. */
export function nothingLeft({ max, seconds }: Pick<Standing, 'max' | 'seconds'>): Record<string, string> {
  return { 'retry-after': `${seconds}`, ...standing({ max, remaining: 0, seconds }) }
}

interface Standing {
  readonly max: number | undefined
  readonly remaining: number
  readonly seconds: number | string
}

function standing({ max, remaining, seconds }: Standing): Record<string, string> {
  return {
    ...(max === undefined ? {} : { 'ratelimit-limit': `${max}` }),
    'ratelimit-remaining': `${remaining}`,
    'ratelimit-reset': `${seconds}`,
  }
}
