import type { Secret } from './secrets.ts'

function databaseName(url: Secret): string {
  const name = new URL(url.reveal()).pathname.slice(1)
  try {
    return decodeURI(name) // as the driver does
  } catch {
    return name
  }
}

/**
 * Whether two PostgreSQL URLs name one database. Hosts and ports are not compared: the same server may be reached through a
 * pooler and by several names.
 */
export function nameOneDatabase(one: Secret, other: Secret): boolean {
  return databaseName(one) === databaseName(other)
}
