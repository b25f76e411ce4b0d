import { isLoopback } from './kinds.ts'
import type { Secret } from './secrets.ts'

/**
 * How the way to a PostgreSQL is kept. `proven`: it leads nowhere else than to this machine, or TLS proves the host and its
 * name. `trusted`: the operator says in the URL that TLS proves nothing, or is not spoken. `unsaid`: neither.
 */
export type DatabaseWay = 'proven' | 'trusted' | 'unsaid'

const WAYS: ReadonlyMap<string | undefined, DatabaseWay> = new Map([
  ['verify-full', 'proven'],
  ['no-verify', 'trusted'],
  ['disable', 'trusted'],
])

/**
 * Reads the URL as the driver does: parameters go before the address, and the last of several before the others. What libpq
 * and the driver understand differently (`prefer`, `require`, `verify-ca`) says nothing.
 */
export function wayTo(url: Secret): DatabaseWay {
  const { hostname, searchParams } = new URL(url.reveal())
  const last = (name: string): string | undefined => searchParams.getAll(name).at(-1)
  const host = last('host') || hostname
  if (isLoopback(host) || /^(?:\/|%2f)/i.test(host)) return 'proven' // the folder of a socket begins with a slash
  return WAYS.get(last('sslmode')) ?? 'unsaid'
}

/** What is wrong with the URL of that name, as one sentence; `undefined` when the operator has said how the way is kept. */
export function wayProblem(name: string, url: Secret): string | undefined {
  if (wayTo(url) !== 'unsaid') return undefined
  return `${name} names another machine; add sslmode=verify-full to it, or sslmode=disable if nobody else can be on the way.`
}
