import { randomBytes } from 'node:crypto'
import { constants, promises as fs, type Stats } from 'node:fs'
import { dirname } from 'node:path'
import type { Clock } from '../clock.ts'
import { errorCode } from '../error-code.ts'
import { syncFolder } from '../files/sync-folder.ts'
import { writePrivateFile } from '../files/write-private-file.ts'
import { type KeyRing, KeyRingError } from './key-ring.ts'
import {
  type KeyRingDocument,
  keyRingOf,
  newKeyRingDocument,
  parseKeyRingDocument,
  withNewKey,
} from './key-ring-document.ts'

const MAX_BYTES = 1024 * 1024
const OTHERS_ANYTHING = 0o077
const OTHERS_WRITE = 0o022

/**
 * Makes a key ring with fresh random keys: mode 0600, in a folder made 0700 when it is not there. The file is either whole
 * and on disk afterwards or not there at all; an existing one is never touched (`KeyRingError` `exists`),
 * and none is made in a folder that others can write to (`unsafe`).
 */
export async function createKeyRingFile(path: string, clock: Clock): Promise<KeyRing> {
  const document = newKeyRingDocument(clock.now())
  await fs.mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await refuseUnsafeFolder(dirname(path))
  const draft = await writeDraft(path, document)
  try {
    await fs.link(draft, path) // unlike a rename, fails when the name is taken
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
    throw new KeyRingError('exists', `There is a key ring at ${path} already; it was left as it is.`)
  } finally {
    await fs.unlink(draft)
  }
  await syncFolder(dirname(path))
  return keyRingOf(document, path)
}

/**
 * Reads a key ring and refuses one that is missing, malformed, weak, a link, or within other users' reach. Changes nothing.
 * Throws `KeyRingError`, whose `fault` says which; only a `missing` ring on an empty database may be answered by making one.
 */
export async function readKeyRingFile(path: string): Promise<KeyRing> {
  return keyRingOf(await readDocument(path), path)
}

/**
 * Adds a key-encryption key and makes it current; older keys stay to open what they sealed. The file is replaced in one step.
 * The caller sees to it that only one rotation runs at a time: the later of two would lose the earlier one's key.
 */
export async function addKeyEncryptionKey(path: string, clock: Clock): Promise<KeyRing> {
  const document = withNewKey(await readDocument(path), 'key_encryption', clock.now())
  const ring = keyRingOf(document, path)
  const draft = await writeDraft(path, document)
  await fs.rename(draft, path)
  await syncFolder(dirname(path))
  return ring
}

async function readDocument(path: string): Promise<KeyRingDocument> {
  const file = await openRing(path)
  try {
    await refuseUnsafe(path, await file.stat())
    return parseKeyRingDocument(await file.readFile('utf8'), path)
  } finally {
    await file.close()
  }
}

async function openRing(path: string): Promise<fs.FileHandle> {
  try {
    return await fs.open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      throw new KeyRingError('missing', `There is no key ring at ${path}; restore it from a backup.`)
    }
    if (errorCode(error) === 'ELOOP') {
      throw new KeyRingError('unsafe', `The key ring ${path} is a symbolic link; name the file itself.`)
    }
    throw new KeyRingError(
      'unsafe',
      `The key ring ${path} cannot be opened by this user; check its owner and mode.`,
      {
        cause: error,
      },
    )
  }
}

async function refuseUnsafe(path: string, stats: Stats): Promise<void> {
  if (!stats.isFile()) throw new KeyRingError('unsafe', `The key ring ${path} is not a file.`)
  if (stats.size > MAX_BYTES)
    throw new KeyRingError('malformed', `The key ring ${path} is too large to be one.`)
  if (process.platform === 'win32') return // modes mean nothing there
  if ((stats.mode & OTHERS_ANYTHING) !== 0) {
    throw new KeyRingError('unsafe', `Other users can reach the key ring ${path}; run chmod 600 on it.`)
  }
  await refuseUnsafeFolder(dirname(path))
}

async function refuseUnsafeFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return // modes mean nothing there
  if (((await fs.stat(folder)).mode & OTHERS_WRITE) === 0) return
  throw new KeyRingError(
    'unsafe',
    `Other users can replace the key ring in ${folder}; run chmod 700 on that folder.`,
  )
}

async function writeDraft(path: string, document: KeyRingDocument): Promise<string> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`
  try {
    await writePrivateFile(draft, `${JSON.stringify(document, null, 2)}\n`)
  } catch (error) {
    await fs.rm(draft, { force: true })
    throw error
  }
  return draft
}
