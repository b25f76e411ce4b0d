import { randomBytes } from 'node:crypto'
import { constants, existsSync, promises as fs, type Stats } from 'node:fs'
import { dirname } from 'node:path'
import type { Clock } from '../clock.ts'
import { errorCode } from '../error-code.ts'
import { syncFolder } from '../files/sync-folder.ts'
import { writePrivateFile } from '../files/write-private-file.ts'
import { KeyRingError, type KeyRingKind } from './key-ring.ts'
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
export async function createKeyRingFile<Purpose extends string, Ring>(
  kind: KeyRingKind<Purpose, Ring>,
  path: string,
  clock: Clock,
): Promise<Ring> {
  const document = newKeyRingDocument(kind, clock.now())
  await fs.mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await refuseUnsafeFolder(kind, dirname(path))
  const draft = await writeDraft(path, document)
  try {
    await fs.link(draft, path) // unlike a rename, fails when the name is taken
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
    throw new KeyRingError('exists', `There is a ${kind.title} at ${path} already; it was left as it is.`)
  } finally {
    await fs.unlink(draft)
  }
  await syncFolder(dirname(path))
  return keyRingOf(kind, document, path)
}

/**
 * Reads a key ring and refuses one that is missing, malformed, weak, a link, or within other users' reach. Changes nothing.
 * Throws `KeyRingError`, whose `fault` says which; only a `missing` ring on an empty database may be answered by making one.
 */
export async function readKeyRingFile<Purpose extends string, Ring>(
  kind: KeyRingKind<Purpose, Ring>,
  path: string,
): Promise<Ring> {
  return keyRingOf(kind, await readKeyRingDocument(kind, path), path)
}

/**
 * The ring of a database that is started: read, or made when there is no file and the database was never served, and never
 * silently after that (C59). Of two processes that start at once, one makes it. Throws `KeyRingError`.
 */
export async function startKeyRingFile<Purpose extends string, Ring>(
  kind: KeyRingKind<Purpose, Ring>,
  path: string,
  { isFirstStart, clock }: { isFirstStart: boolean; clock: Clock },
): Promise<Ring> {
  if (!existsSync(path)) {
    if (!isFirstStart) {
      throw new KeyRingError(
        'missing',
        `The ${kind.title} ${path} is missing, but the database is in use; put the file back.`,
      )
    }
    try {
      return await createKeyRingFile(kind, path, clock)
    } catch (error) {
      if (!(error instanceof KeyRingError) || error.fault !== 'exists') throw error
    }
  }
  return readKeyRingFile(kind, path)
}

/**
 * Adds a key that seals and makes it current; older keys stay to open what they sealed. The file is replaced in one step.
 * The caller sees to it that only one rotation runs at a time: the later of two would lose the earlier one's key.
 */
export async function addSealingKey<Purpose extends string, Ring>(
  kind: KeyRingKind<Purpose, Ring>,
  path: string,
  clock: Clock,
): Promise<Ring> {
  const document = withNewKey(await readKeyRingDocument(kind, path), kind.sealingPurpose, clock.now())
  const ring = keyRingOf(kind, document, path)
  const draft = await writeDraft(path, document)
  await fs.rename(draft, path)
  await syncFolder(dirname(path))
  return ring
}

/** The file as it spells its keys, checked like `readKeyRingFile` but not for weak keys. */
export async function readKeyRingDocument<Purpose extends string>(
  kind: KeyRingKind<Purpose, unknown>,
  path: string,
): Promise<KeyRingDocument<Purpose>> {
  const file = await openRing(kind, path)
  try {
    await refuseUnsafe(kind, path, await file.stat())
    return parseKeyRingDocument(kind, await file.readFile('utf8'), path)
  } finally {
    await file.close()
  }
}

type Titled = Pick<KeyRingKind<string, unknown>, 'title'>

async function openRing({ title }: Titled, path: string): Promise<fs.FileHandle> {
  try {
    return await fs.open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      throw new KeyRingError('missing', `There is no ${title} at ${path}; restore it from a backup.`)
    }
    if (errorCode(error) === 'ELOOP') {
      throw new KeyRingError('unsafe', `The ${title} ${path} is a symbolic link; name the file itself.`)
    }
    throw new KeyRingError(
      'unsafe',
      `The ${title} ${path} cannot be opened by this user; check its owner and mode.`,
      {
        cause: error,
      },
    )
  }
}

async function refuseUnsafe(kind: Titled, path: string, stats: Stats): Promise<void> {
  const { title } = kind
  if (!stats.isFile()) throw new KeyRingError('unsafe', `The ${title} ${path} is not a file.`)
  if (stats.size > MAX_BYTES)
    throw new KeyRingError('malformed', `The ${title} ${path} is too large to be one.`)
  if (process.platform === 'win32') return // modes mean nothing there
  if ((stats.mode & OTHERS_ANYTHING) !== 0) {
    throw new KeyRingError('unsafe', `Other users can reach the ${title} ${path}; run chmod 600 on it.`)
  }
  await refuseUnsafeFolder(kind, dirname(path))
}

async function refuseUnsafeFolder({ title }: Titled, folder: string): Promise<void> {
  if (process.platform === 'win32') return // modes mean nothing there
  if (((await fs.stat(folder)).mode & OTHERS_WRITE) === 0) return
  throw new KeyRingError(
    'unsafe',
    `Other users can replace the ${title} in ${folder}; run chmod 700 on that folder.`,
  )
}

async function writeDraft(path: string, document: KeyRingDocument<string>): Promise<string> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`
  try {
    await writePrivateFile(draft, `${JSON.stringify(document, null, 2)}\n`)
  } catch (error) {
    await fs.rm(draft, { force: true })
    throw error
  }
  return draft
}
