import { DatabaseSync } from 'node:sqlite'
import { confine } from '../db/sqlite/confine.ts'
import type { Remote } from './signals.ts'

/**
 * Watches an SQLite file for commits of any other connection, in this process or another: `PRAGMA data_version` differs
 * after each (https://www.sqlite.org/pragma.html#pragma_data_version). What changed is not told, so every commit is a gap.
 *
 * It is asked once in a turn of the event loop, for all requests of that turn: they had begun to arrive when the turn began
 * to read, so a commit that comes between them came after they were sent. Asking takes 4 µs, two file locks among them.
 */
export function watchSqliteFile(path: string, onGap: () => void): Remote {
  const database = new DatabaseSync(path, { readOnly: true })
  confine(database)
  const ask = database.prepare('pragma data_version')
  ask.setReturnArrays(true)
  const current = () => String(ask.get())
  let seen = current()
  let hasAsked = false
  const nextTurn = () => {
    hasAsked = false
  }
  return {
    isLive() {
      if (hasAsked) return true
      hasAsked = true
      setImmediate(nextTurn)
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
