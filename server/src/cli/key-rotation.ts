import type { Audit, AuditEntry } from '../platform/audit/audit.ts'
import { systemClock } from '../platform/clock.ts'
import type { DatabaseLocation, Db } from '../platform/db/index.ts'
import { countByKey } from '../platform/db/sealed/count-by-key.ts'
import { lockFile } from '../platform/db/sqlite/file-lock.ts'
import { SECOND } from '../platform/durations.ts'
import { parseJson } from '../platform/parse-json.ts'
import { readState, takeState, writeState } from '../platform/state/state.ts'
import { CommandError } from './command-error.ts'
import type { InstanceRing } from './instance-rings.ts'

/** How long after a key was added every running server has noticed it: it looks at its files once a second. */
export const NOTICED_MS = 2 * SECOND

/** What a rotation works on. */
export interface RotationParts {
  readonly db: Db
  readonly location: DatabaseLocation
  readonly audit: Audit
  readonly rings: readonly InstanceRing[]
}

/** A rotation as the database notes it. */
export interface Rotation {
  /** The key each ring sealed with when it began, by the ring's name. */
  readonly before: Readonly<Record<string, string>>
  /** Whether everything sealed before is sealed anew, because the keys may be known. */
  readonly isReseal: boolean
  /** The note itself. */
  readonly note: string
}

function readNote(note: string): Rotation {
  const parsed = parseJson(note)
  if (typeof parsed !== 'object' || parsed === null)
    throw new TypeError('The state of a rotation cannot be read.')
  const before = Object.fromEntries(Object.entries(parsed).map(([name, id]) => [name, String(id)]))
  return { before, isReseal: 'reseal' in parsed && parsed.reseal === true, note }
}

function newNote(rings: readonly InstanceRing[], isReseal: boolean): string {
  const before = Object.fromEntries(rings.map((ring) => [ring.name, currentOf(ring)]))
  return JSON.stringify(isReseal ? { ...before, reseal: true } : before)
}

const entryOf = (action: string, { before, isReseal }: Rotation): AuditEntry => ({
  action,
  result: 'ok',
  details: { ...before, reseal: isReseal },
})

const currentOf = (ring: InstanceRing): string => ring.sealingKeys().current.id

async function isMoved({ location }: RotationParts, ring: InstanceRing): Promise<boolean> {
  const { current, byId } = ring.sealingKeys()
  const counts = await countByKey(location, ring.tables)
  return [...counts.keys()].every((id) => id === current.id || !byId.has(id))
}

/** Whether a rotation that was begun has still something to add or to move. */
async function isUnfinished(parts: RotationParts, { before }: Rotation): Promise<boolean> {
  for (const ring of parts.rings) {
    if (currentOf(ring) === before[ring.name] || !(await isMoved(parts, ring))) return true
  }
  return false
}

/** Whether a rotation was begun that has not added its key to each ring yet: servers move values, and add no key. */
export async function lacksKey(db: Db, rings: readonly InstanceRing[]): Promise<boolean> {
  const note = await readState(db, 'rotation')
  if (note === undefined) return false
  const { before } = readNote(note)
  return rings.some((ring) => ring.isThere() && currentOf(ring) === before[ring.name])
}

/**
 * Keeps every other rotation of an instance away until it is disposed of, or this process ends, however it ends. Throws
 * `CommandError` while one runs, and `KeyRingError` when there is no ring to rotate.
 */
export function holdRotation(server: InstanceRing): Disposable {
  server.sealingKeys() // a folder without a ring needs no lock
  const held = lockFile(`${server.path}.lock`)
  if (!held) throw new CommandError('Another rotation is running; wait until it has ended.')
  return held
}

/**
 * Notes that a rotation is under way and which keys it replaces, in the audit log as well, unless an earlier one is to be
 * finished first; says which of the two. A rotation that was killed thereby goes on where it was instead of adding keys
 * again. One that seals anew does more than an earlier one that does not, and takes its place. An earlier one with nothing
 * left to do, because it was killed at its end or servers have finished it, is noted as ended.
 */
export async function beginRotation(
  parts: RotationParts,
  isReseal: boolean,
): Promise<{ rotation: Rotation; isEarlier: boolean }> {
  const { db, audit, rings } = parts
  const found = await readState(db, 'rotation')
  const earlier = found === undefined ? undefined : readNote(found)
  const isUnended = earlier !== undefined && (await isUnfinished(parts, earlier))
  if (earlier && isUnended && (earlier.isReseal || !isReseal)) return { rotation: earlier, isEarlier: true }
  const rotation = readNote(newNote(rings, isReseal))
  await db.withSystem(async (tx) => {
    if (earlier && !isUnended) await audit.record(tx, entryOf('rotation.ended', earlier))
    await writeState(tx, 'rotation', { value: rotation.note, clock: systemClock })
    await audit.record(tx, entryOf('rotation.begun', rotation))
  })
  return { rotation, isEarlier: false }
}

/** Adds the rotation's key to a ring unless it is there already; gives its id if it was added now. */
export async function addKey(
  ring: InstanceRing,
  { before, isReseal }: Rotation,
): Promise<string | undefined> {
  if (currentOf(ring) !== before[ring.name]) return undefined
  const draft = await ring.draft(isReseal ? 'compromised' : 'previous')
  try {
    return draft.replace() ? draft.id : undefined
  } finally {
    await draft.discard()
  }
}

/** Notes that nothing is left to do. */
export async function endRotation({ db, audit, rings }: RotationParts, rotation: Rotation): Promise<void> {
  const { before, note } = rotation
  if (rings.some((ring) => currentOf(ring) === before[ring.name])) {
    throw new CommandError(
      'A key ring was replaced during the rotation; put the right one back and rotate again.',
    )
  }
  await db.withSystem(async (tx) => {
    if (await takeState(tx, 'rotation', note)) await audit.record(tx, entryOf('rotation.ended', rotation))
  })
}
