import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

/**
 * Makes a folder that its owner alone can enter (0700), and so the folders above that are not there; one that is there is
 * left as it is. Throws what the system says of the first that cannot be made.
 */
export function makePrivateFolder(path: string): void {
  if (isFolder(path)) return
  // Note: not `recursive`, which tries for ever where nothing can be made in a folder that is there, as in /proc.
  const parent = dirname(path)
  if (!existsSync(parent)) makePrivateFolder(parent)
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if (!isFolder(path)) throw error
  }
}
