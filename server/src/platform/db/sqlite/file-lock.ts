import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { errorCode } from '../../error-code.ts'
import { confine } from './confine.ts'
import { isSqliteBusy, translateSqliteError } from './sqlite-errors.ts'

/** A file that cannot be locked, and not because somebody has it. */
export class FileLockError extends Error {
  override readonly name = 'FileLockError'
  constructor(path: string, cause: unknown) {
    super(`${path} cannot be locked; see that this user may write to it, or remove it.`, { cause })
  }
}

/**
 * Locks a file that is there for this alone, made when it is missing; `undefined` while somebody else has it, in this process
 * or another of this machine. Held until it is disposed of, or until this process ends, however it ends: then the operating
 * system lets go of it. Node itself offers no lock of that sort, but SQLite does. Throws what the system says of a file that
 * cannot be made, and `FileLockError` for one that cannot be locked.
 */
export function lockFile(path: string): Disposable | undefined {
  makePrivate(path)
  let database: DatabaseSync | undefined
  try {
    const held = new DatabaseSync(path, { timeout: 0 })
    database = held
    confine(held)
    held.exec('begin exclusive')
    return { [Symbol.dispose]: () => held.close() }
  } catch (error) {
    database?.close()
    if (isSqliteBusy(translateSqliteError(error))) return undefined
    throw new FileLockError(path, error)
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
