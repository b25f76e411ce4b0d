import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { errorCode } from '../../error-code.ts'
import { isSqliteBusy, translateSqliteError } from './sqlite-errors.ts'

/**
 * Locks a file that is there for this alone, made when it is missing; `undefined` while somebody else has it, in this process
 * or another of this machine. Held until it is disposed of, or until this process ends, however it ends: then the operating
 * system lets go of it. Node itself offers no lock of that sort, but SQLite does. Throws what the system says of a file that
 * cannot be made or opened.
 */
export function lockFile(path: string): Disposable | undefined {
  makePrivate(path)
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    database.exec('begin exclusive')
    return { [Symbol.dispose]: () => database.close() }
  } catch (error) {
    database.close()
    const translated = translateSqliteError(error)
    if (isSqliteBusy(translated)) return undefined
    throw translated
  }
}

function makePrivate(path: string): void {
  try {
    // Note: never opens one that is there: closing it again would end a lock that this process has on it (fcntl(2)).
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
  }
}
