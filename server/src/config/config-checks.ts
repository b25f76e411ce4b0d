import { wayProblem, wayTo } from './database-way.ts'
import { isLoopback } from './kinds.ts'
import type { SettingValues } from './setting.ts'
import { ALPACA_LIVE_URL, ALPACA_PAPER_URL, type settings } from './settings.ts'

const FIRST_ARGON2_FLOOR = { passes: 1, memoryKib: 47_104 }
const ARGON2_FLOORS = [FIRST_ARGON2_FLOOR, { passes: 2, memoryKib: 19_456 }, { passes: 3, memoryKib: 12_288 }]

type Values = SettingValues<typeof settings>

/** Where members reach the server: what was set, or this machine at the port it listens on. */
export function publicUrlOf(values: Values): URL {
  return values.OUTCRY_PUBLIC_URL ?? new URL(`http://localhost:${values.OUTCRY_PORT}`)
}

/**
 * One sentence when there is a migrating role without PostgreSQL, and for a way to the database that nobody vouches for.
 * Whether both URLs are of one database, only that can tell.
 */
export function databaseContradictions(values: Values): string[] {
  const { OUTCRY_DATABASE_URL: database, OUTCRY_DATABASE_ADMIN_URL: adminUrl } = values
  if (adminUrl && database?.kind !== 'postgres')
    return ['OUTCRY_DATABASE_ADMIN_URL is only for PostgreSQL; remove it or set OUTCRY_DATABASE_URL.']
  return databasesOf(values).flatMap(([name, url]) => wayProblem(name, url) ?? [])
}

function databasesOf({ OUTCRY_DATABASE_URL: database, OUTCRY_DATABASE_ADMIN_URL: adminUrl }: Values) {
  const serving = database?.kind === 'postgres' ? database.url : undefined
  const all = [['OUTCRY_DATABASE_URL', serving] as const, ['OUTCRY_DATABASE_ADMIN_URL', adminUrl] as const]
  return all.flatMap(([name, url]) => (url ? [[name, url] as const] : []))
}

/** One sentence for each pair of other settings that cannot hold together. */
export function contradictions(values: Values): string[] {
  const problems: string[] = []
  if (!values.OUTCRY_RATE_LIMITS && !isLoopback(values.OUTCRY_HOST)) {
    problems.push('OUTCRY_RATE_LIMITS can be off only while OUTCRY_HOST is a loopback address.')
  }
  const { OUTCRY_ARGON2_MEMORY_KIB: memoryKib, OUTCRY_ARGON2_PASSES: passes } = values
  const floor = ARGON2_FLOORS.findLast((candidate) => passes >= candidate.passes) ?? FIRST_ARGON2_FLOOR
  if (memoryKib < floor.memoryKib) {
    problems.push(`OUTCRY_ARGON2_MEMORY_KIB must be at least ${floor.memoryKib} with ${passes} passes.`)
  }
  return [...problems, ...brokerProblems(values)]
}

function brokerProblems(values: Values): string[] {
  const hosts = [
    ['OUTCRY_ALPACA_PAPER_URL', values.OUTCRY_ALPACA_PAPER_URL, ALPACA_PAPER_URL],
    ['OUTCRY_ALPACA_LIVE_URL', values.OUTCRY_ALPACA_LIVE_URL, ALPACA_LIVE_URL],
  ] as const
  return hosts.flatMap(([name, url, vendor]) => {
    if (url.origin === vendor || isLoopback(url.hostname)) return []
    if (!values.OUTCRY_ALLOW_CUSTOM_BROKER_HOSTS) {
      return [`${name} must be ${vendor} or on loopback, unless OUTCRY_ALLOW_CUSTOM_BROKER_HOSTS is on.`]
    }
    return url.protocol === 'https:' ? [] : [`${name} must use https, because keys are sent there.`]
  })
}

/** One sentence for each setting that works but deserves the operator's attention. */
export function warningsOf(values: Values): string[] {
  const publicUrl = publicUrlOf(values)
  const warnings: string[] = []
  if (publicUrl.protocol === 'http:' && !isLoopback(publicUrl.hostname)) {
    warnings.push(
      'OUTCRY_PUBLIC_URL uses http: passwords travel unprotected, and sign-in by cookie and passkeys need https.',
    )
  }
  if (!values.OUTCRY_RATE_LIMITS) warnings.push('OUTCRY_RATE_LIMITS is off; use this for load tests only.')
  const signup = values.OUTCRY_SIGNUP
  if (signup === 'invite' || signup === 'approval') {
    warnings.push(`OUTCRY_SIGNUP=${signup} is not built yet: nobody can register, as with closed.`)
  }
  for (const [name, url] of databasesOf(values)) {
    if (wayTo(url) === 'trusted')
      warnings.push(
        `${name} names another machine without sslmode=verify-full; the connection is not proven.`,
      )
  }
  return warnings
}
