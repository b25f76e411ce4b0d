import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { asError } from '../as-error.ts'
import type { Clock } from '../clock.ts'
import { SECOND } from '../durations.ts'
import { assertGrownFrom, openCanary } from './key-check.ts'
import { KeyRingError, type KeyRingKind, type KeySet, type SecretKey } from './key-ring.ts'
import { keyRingOf, keySetsOf } from './key-ring-document.ts'
import { createKeyRingFile } from './key-ring-file.ts'
import { keyRingIdentity, loadKeyRing, refuseUnsafeFolder } from './key-ring-load.ts'

const LOOK_MS = SECOND

/** A ring whose sealing keys follow its file. */
export interface LiveKeyRing<Ring> {
  /** Its sealing keys are always those of the file; the keys for everything else stay as they were at the start. */
  readonly ring: Ring
  /**
   * Tells of a file that took the place of the ring and cannot be used; the ring in memory stays in use. Told once for
   * each such file, also of one that was found before anybody listened.
   */
  onProblem(listener: (error: Error) => void): void
  /**
   * Looks at the file now. Throws unless it could be started with, holding every key of the ring, and opens this proof from
   * the database.
   */
  prove(canary: string): void
}

/** Keys that are looked for in the file once more before they are said to be missing. */
class GrowingKeys extends Map<string, SecretKey> {
  readonly #look: () => void

  constructor(keys: Iterable<[string, SecretKey]>, look: () => void) {
    super(keys)
    this.#look = look
  }

  override get(id: string): SecretKey | undefined {
    const known = super.get(id)
    if (known !== undefined) return known
    this.#look()
    return super.get(id)
  }
}

/**
 * Reads a ring and follows its file without a timer: whoever asks for the current key has it looked at, at most once a
 * second, and whoever asks for a key that is not there has it looked at again. A file that was replaced is taken only when
 * it passes every check of a start and holds every key the ring has, so what proved this ring proves the next one. Throws
 * `KeyRingError` when the file cannot be used now.
 */
export function openLiveKeyRing<Purpose extends string, Ring>(
  kind: KeyRingKind<Purpose, Ring>,
  path: string,
): LiveKeyRing<Ring> {
  const first = loadKeyRing(kind, path)
  let held = keyRingOf(kind, first.document, path)
  let identity: string | undefined = first.identity
  let lookedAt = performance.now()
  let problem: Error | undefined
  let listener: ((error: Error) => void) | undefined
  let proven: { readonly ring: Ring; readonly canary: string } | undefined

  const take = () => {
    const next = loadKeyRing(kind, path)
    const ring = keyRingOf(kind, next.document, path)
    assertGrownFrom(kind, held, ring)
    held = ring
    for (const [id, key] of kind.sealing(ring).byId) byId.set(id, key)
  }
  const look = () => {
    lookedAt = performance.now()
    const present = keyRingIdentity(path)
    if (present === identity) return
    identity = present
    problem = undefined
    try {
      take()
    } catch (error) {
      problem = asError(error)
      listener?.(problem)
    }
  }
  const byId = new GrowingKeys(kind.sealing(held).byId, look)
  const sealing: KeySet<SecretKey> = {
    get current() {
      if (performance.now() - lookedAt >= LOOK_MS) look()
      return kind.sealing(held).current
    },
    byId,
  }
  const fixed = keySetsOf(kind, first.document, path)
  return {
    ring: kind.assemble({
      secret: (purpose) => (purpose === kind.sealingPurpose ? sealing : fixed.secret(purpose)),
      signing: fixed.signing,
    }),
    onProblem(tell) {
      listener = tell
      if (problem) tell(problem)
    },
    prove(canary) {
      look()
      if (problem) throw problem
      refuseUnsafeFolder(kind, dirname(path))
      // Note: the same proof opens with the same ring again, so only what changed is tried.
      if (proven?.ring === held && proven.canary === canary) return
      openCanary(kind, held, canary)
      proven = { ring: held, canary }
    },
  }
}

/**
 * The ring of a database that is started: read, or made when there is no file and the database was never served, and never
 * silently after that (C59). Of two processes that start at once, one makes it. Throws `KeyRingError`.
 */
export async function startKeyRing<Purpose extends string, Ring>(
  kind: KeyRingKind<Purpose, Ring>,
  path: string,
  { isFirstStart, clock }: { isFirstStart: boolean; clock: Clock },
): Promise<LiveKeyRing<Ring>> {
  if (!existsSync(path)) {
    if (!isFirstStart) {
      throw new KeyRingError(
        'missing',
        `The ${kind.title} ${path} is missing, but the database is in use; put the file back.`,
      )
    }
    try {
      await createKeyRingFile(kind, path, clock)
    } catch (error) {
      if (!(error instanceof KeyRingError) || error.fault !== 'exists') throw error
    }
  }
  return openLiveKeyRing(kind, path)
}
