import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { errorCode } from '../error-code.ts'
import { KeyRingError, type KeyRingKind } from './key-ring.ts'
import { type KeyRingDocument, parseKeyRingDocument } from './key-ring-document.ts'

const MAX_BYTES = 1024 * 1024
const OTHERS_ANYTHING = 0o077
const OTHERS_WRITE = 0o022

type Titled = Pick<KeyRingKind<string, unknown>, 'title'>

/** A ring's file as it was read. */
export interface LoadedKeyRing<Purpose extends string> {
  readonly document: KeyRingDocument<Purpose>
  /** Changes with the file. */
  readonly identity: string
}

/**
 * Reads a ring's file at once and refuses one that is missing, malformed, a link, or within other users' reach. Does not
 * wait: the file is small, and whoever opens a value may have to look for its key. Throws `KeyRingError`.
 */
export function loadKeyRing<Purpose extends string>(
  kind: KeyRingKind<Purpose, unknown>,
  path: string,
): LoadedKeyRing<Purpose> {
  const file = openRing(kind, path)
  try {
    const stats = fstatSync(file)
    refuseUnsafe(kind, path, stats)
    return {
      document: parseKeyRingDocument(kind, readFileSync(file, 'utf8'), path),
      identity: identityOf(stats),
    }
  } finally {
    closeSync(file)
  }
}

/** What `LoadedKeyRing.identity` would be now; `undefined` when the file cannot be looked at. */
export function keyRingIdentity(path: string): string | undefined {
  try {
    return identityOf(statSync(path))
  } catch {
    return undefined
  }
}

/** Throws `KeyRingError` (`unsafe`) when others could replace files in the folder. */
export function refuseUnsafeFolder({ title }: Titled, folder: string): void {
  if (process.platform === 'win32') return // modes mean nothing there
  if ((statSync(folder).mode & OTHERS_WRITE) === 0) return
  throw new KeyRingError(
    'unsafe',
    `Other users can replace the ${title} in ${folder}; run chmod 700 on that folder.`,
  )
}

function identityOf({ dev, ino, size, mtimeMs, ctimeMs }: Stats): string {
  return [dev, ino, size, mtimeMs, ctimeMs].join(' ')
}

function openRing({ title }: Titled, path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      throw new KeyRingError('missing', `There is no ${title} at ${path}; restore it from a backup.`)
    }
    if (errorCode(error) === 'ELOOP') {
      throw new KeyRingError('unsafe', `The ${title} ${path} is a symbolic link; name the file itself.`)
    }
    const message = `The ${title} ${path} cannot be opened by this user; check its owner and mode.`
    throw new KeyRingError('unsafe', message, { cause: error })
  }
}

function refuseUnsafe(kind: Titled, path: string, stats: Stats): void {
  const { title } = kind
  if (!stats.isFile()) throw new KeyRingError('unsafe', `The ${title} ${path} is not a file.`)
  if (stats.size > MAX_BYTES)
    throw new KeyRingError('malformed', `The ${title} ${path} is too large to be one.`)
  if (process.platform === 'win32') return // modes mean nothing there
  if ((stats.mode & OTHERS_ANYTHING) !== 0) {
    throw new KeyRingError('unsafe', `Other users can reach the ${title} ${path}; run chmod 600 on it.`)
  }
  refuseUnsafeFolder(kind, dirname(path))
}
