import { constants, type DatabaseSync } from 'node:sqlite'

const { SQLITE_ATTACH, SQLITE_DENY, SQLITE_OK, SQLITE_PRAGMA } = constants

/**
 * Keeps a connection to its own file, whatever SQL or file it is given (https://www.sqlite.org/security.html): no ATTACH
 * and with it no VACUUM INTO; no writing to `sqlite_schema` and shadow tables; views and triggers of the file call nothing
 * with effects outside, and no statement gives them that right back. Extensions are off since the driver opened the file.
 */
export function confine(database: DatabaseSync): void {
  database.enableDefensive(true)
  database.exec('pragma trusted_schema = off')
  database.setAuthorizer((action, subject, value) => {
    if (action === SQLITE_ATTACH) return SQLITE_DENY
    const isTrusting =
      action === SQLITE_PRAGMA && value !== null && subject?.toLowerCase() === 'trusted_schema'
    return isTrusting ? SQLITE_DENY : SQLITE_OK
  })
}
