import { DatabaseSync } from 'node:sqlite'
import type { Remote } from './signals.ts'

/**
 * Watches an SQLite file for commits of any other connection, in this process or another: `PRAGMA data_version` differs
 * after each (https://www.sqlite.org/pragma.html#pragma_data_version). Asking costs about a microsecond, so nothing is
 * ever taken for live that has changed; what changed is not told, so every commit is a gap.
 */
export function watchSqliteFile(path: string, onGap: () => void): Remote {
  const database = new DatabaseSync(path, { readOnly: true })
  const ask = database.prepare('pragma data_version')
  ask.setReturnArrays(true)
  const current = () => String(ask.get())
  let seen = current()
  return {
    isLive() {
      const version = current()
      if (version !== seen) {
        seen = version
        onGap()
      }
      return true
    },
    send() {},
    async close() {
      database.close()
    },
  }
}
