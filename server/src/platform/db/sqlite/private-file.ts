import { chmodSync, closeSync, existsSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { makePrivateFolder } from '../../files/make-private-folder.ts'
import { refuseNetworkDisk } from './network-disk.ts'

/**
 * Makes a database file for its owner alone (0600 in a 0700 directory); WAL and shared memory inherit the mode. Throws
 * `UnfitDiskError`, and makes no file, on a network disk.
 */
export function createPrivateFile(path: string): void {
  const folder = dirname(path)
  makePrivateFolder(folder)
  refuseNetworkDisk(existsSync(path) ? path : folder) // which differ when the file is a link or mounted by itself
  closeSync(openSync(path, 'a', 0o600))
  chmodSync(path, 0o600)
}
