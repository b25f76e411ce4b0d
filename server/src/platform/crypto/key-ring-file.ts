import { randomBytes } from 'node:crypto'
import { closeSync, promises as fs, fsyncSync, openSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Clock } from '../clock.ts'
import { errorCode } from '../error-code.ts'
import { makePrivateFolder } from '../files/make-private-folder.ts'
import { syncFolder } from '../files/sync-folder.ts'
import { writePrivateFile } from '../files/write-private-file.ts'
import { KeyRingError, type KeyRingKind } from './key-ring.ts'
import {
  type KeyRingDocument,
  type KeyState,
  keyRingOf,
  newKeyRingDocument,
  withNewKey,
} from './key-ring-document.ts'
import { loadKeyRing, refuseUnsafeFolder } from './key-ring-load.ts'

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
  makePrivateFolder(dirname(path))
  refuseUnsafeFolder(kind, dirname(path))
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
  return keyRingOf(kind, loadKeyRing(kind, path).document, path)
}

/** A ring with a fresh key for sealing, on disk beside the one in use. */
export interface DraftedKeyRing<Ring> {
  readonly ring: Ring
  /** Puts the draft in place of the ring, at once and in one step. Says whether the ring was still the one it adds to. */
  replace(): boolean
  /** Lets go of a draft that is not wanted. */
  discard(): Promise<void>
}

/**
 * Prepares a ring that seals with a fresh key and still opens what the older keys sealed; `before` is what becomes of these.
 * Of several drafts on one ring only one may take its place: the caller asks one at a time.
 */
export async function draftSealingKey<Purpose extends string, Ring>(
  kind: KeyRingKind<Purpose, Ring>,
  path: string,
  { clock, before }: { readonly clock: Clock; readonly before?: Exclude<KeyState, 'current'> },
): Promise<DraftedKeyRing<Ring>> {
  const { document } = loadKeyRing(kind, path)
  const grown = withNewKey(document, kind.sealingPurpose, {
    now: clock.now(),
    ...(before && { before }),
  })
  const ring = keyRingOf(kind, grown, path)
  const draft = await writeDraft(path, grown)
  return {
    ring,
    replace() {
      if (JSON.stringify(loadKeyRing(kind, path).document) !== JSON.stringify(document)) return false
      renameSync(draft, path)
      syncFolderNow(dirname(path))
      return true
    },
    discard: () => fs.rm(draft, { force: true }),
  }
}

function syncFolderNow(folder: string): void {
  if (process.platform === 'win32') return // a folder cannot be opened there
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
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
