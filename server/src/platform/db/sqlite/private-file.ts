import { chmodSync, closeSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { makePrivateFolder } from '../../files/make-private-folder.ts'

/** Makes a database file for its owner alone (0600 in a 0700 directory); WAL and shared memory inherit the mode. */
export function createPrivateFile(path: string): void {
  makePrivateFolder(dirname(path))
  closeSync(openSync(path, 'a', 0o600))
  chmodSync(path, 0o600)
}
