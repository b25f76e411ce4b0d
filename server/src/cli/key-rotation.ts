import type { Audit, AuditEntry } from '../platform/audit/audit.ts'
import { systemClock } from '../platform/clock.ts'
import type { DatabaseLocation, Db } from '../platform/db/index.ts'
import { countByKey } from '../platform/db/sealed/count-by-key.ts'
import { SECOND } from '../platform/durations.ts'
import { parseJson } from '../platform/parse-json.ts'
import { initialState, readState, takeState } from '../platform/state/state.ts'
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
 * Notes that a rotation is under way and which keys it replaces, in the audit log as well, unless an earlier one is to be
 * finished first; says which of the two. A rotation that was killed thereby goes on where it was instead of adding keys
 * again. One that seals anew does more than an earlier one that does not, and takes its place.
 */
export async function beginRotation(
  parts: RotationParts,
  isReseal: boolean,
): Promise<{ rotation: Rotation; isEarlier: boolean }> {
  const { db, audit, rings } = parts
  const found = await readState(db, 'rotation')
  const earlier = found === undefined ? undefined : readNote(found)
  const isEnough = earlier !== undefined && (earlier.isReseal || !isReseal)
  if (earlier && isEnough && (await isUnfinished(parts, earlier)))
    return { rotation: earlier, isEarlier: true }
  const stored = await db.withSystem(async (tx) => {
    if (earlier) await takeState(tx, 'rotation', earlier.note)
    const value = newNote(rings, isReseal)
    const held = await initialState(tx, 'rotation', { value, clock: systemClock })
    if (held === value) await audit.record(tx, entryOf('rotation.begun', readNote(value)))
    return held
  })
  const rotation = readNote(stored)
  if (isReseal && !rotation.isReseal) {
    throw new CommandError(
      'Another rotation was begun in this moment; run the command again when it is over.',
    )
  }
  return { rotation, isEarlier: false }
}

/**
 * Adds the rotation's key to a ring unless it is there already; gives its id if it was added now. The database's lock on the
 * note keeps two commands from adding one each.
 */
export async function addKey(
  { db }: RotationParts,
  ring: InstanceRing,
  { before, isReseal, note }: Rotation,
): Promise<string | undefined> {
  const replaced = before[ring.name] ?? ''
  if (currentOf(ring) !== replaced) return undefined
  const draft = await ring.draft(isReseal ? 'compromised' : 'previous')
  try {
    const isAdded = await db.withSystem(async (tx) => {
      const held = await initialState(tx, 'rotation', { value: note, clock: systemClock })
      return held === note && currentOf(ring) === replaced && draft.replace()
    })
    return isAdded ? draft.id : undefined
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
