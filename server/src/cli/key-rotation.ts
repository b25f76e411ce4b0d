import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '../platform/clock.ts'
import type { DatabaseLocation, Db } from '../platform/db/index.ts'
import { countByKey } from '../platform/db/sealed/count-by-key.ts'
import { rewrapValues } from '../platform/db/sealed/rewrap-values.ts'
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
  readonly rings: readonly InstanceRing[]
}

/** The key each ring sealed with when the rotation began, by the ring's name. */
type Before = Readonly<Record<string, string>>

function readBefore(text: string): Before {
  const parsed = parseJson(text)
  if (typeof parsed !== 'object' || parsed === null)
    throw new TypeError('The state of a rotation cannot be read.')
  return Object.fromEntries(Object.entries(parsed).map(([name, id]) => [name, String(id)]))
}

const currentOf = (ring: InstanceRing): string => ring.sealingKeys().current.id

async function isMoved({ location }: RotationParts, ring: InstanceRing): Promise<boolean> {
  const { current, byId } = ring.sealingKeys()
  const counts = await countByKey(location, ring.tables)
  return [...counts.keys()].every((id) => id === current.id || !byId.has(id))
}

/** Whether a rotation that was begun has still something to add or to move. */
async function isUnfinished(parts: RotationParts, before: Before): Promise<boolean> {
  for (const ring of parts.rings) {
    if (currentOf(ring) === before[ring.name] || !(await isMoved(parts, ring))) return true
  }
  return false
}

/**
 * Notes that a rotation is under way and which keys it replaces, unless an earlier one is to be finished first; says which
 * of the two. A rotation that was killed thereby goes on where it was instead of adding keys again.
 */
export async function beginRotation(parts: RotationParts): Promise<{ before: Before; isEarlier: boolean }> {
  const { db, rings } = parts
  const earlier = await readState(db, 'rotation')
  if (earlier !== undefined) {
    const before = readBefore(earlier)
    if (await isUnfinished(parts, before)) return { before, isEarlier: true }
    await db.withSystem((tx) => takeState(tx, 'rotation', earlier))
  }
  const value = JSON.stringify(Object.fromEntries(rings.map((ring) => [ring.name, currentOf(ring)])))
  const stored = await db.withSystem((tx) => initialState(tx, 'rotation', { value, clock: systemClock }))
  return { before: readBefore(stored), isEarlier: false }
}

/**
 * Adds the rotation's key to a ring unless it is there already; gives its id if it was added now. The database's lock on the
 * rotation keeps two commands from adding one each.
 */
export async function addKey(
  { db }: RotationParts,
  ring: InstanceRing,
  before: Before,
): Promise<string | undefined> {
  if (currentOf(ring) !== before[ring.name]) return undefined
  const draft = await ring.draft()
  try {
    const isAdded = await db.withSystem(async (tx) => {
      await initialState(tx, 'rotation', { value: JSON.stringify(before), clock: systemClock })
      return currentOf(ring) === before[ring.name] && draft.replace()
    })
    return isAdded ? draft.id : undefined
  } finally {
    await draft.discard()
  }
}

/** What a rotation moved in one ring's tables. */
export interface MovedValues {
  readonly moved: number
  readonly refused: readonly string[]
}

export interface MoveOptions {
  readonly signal: AbortSignal
  readonly onMoved: (moved: number) => void
  /** When running servers have noticed the key, as `performance.now()` tells it. */
  readonly noticedAt: number
}

/**
 * Moves every value to the ring's current key, and goes on until a pass finds nothing that began when every running server
 * had noticed the key.
 */
export async function moveValues(
  { db }: RotationParts,
  ring: InstanceRing,
  options: MoveOptions,
): Promise<MovedValues> {
  const { signal, onMoved, noticedAt } = options
  await ring.prove(db)
  const keys = ring.sealingKeys()
  let total = 0
  for (;;) {
    const isLast = performance.now() >= noticedAt
    const { moved, refused } = await rewrapValues({
      ...{ db, tables: ring.tables, keys, signal },
      onBatch: (count) => onMoved(total + count),
    })
    total += moved
    if (moved === 0 && isLast) return { moved: total, refused }
    if (moved === 0) await pause(Math.max(0, noticedAt - performance.now()), undefined, { signal })
  }
}

/** Notes that nothing is left to do. */
export async function endRotation({ db, rings }: RotationParts, before: Before): Promise<void> {
  if (rings.some((ring) => currentOf(ring) === before[ring.name])) {
    throw new CommandError(
      'A key ring was replaced during the rotation; put the right one back and rotate again.',
    )
  }
  await db.withSystem((tx) => takeState(tx, 'rotation', JSON.stringify(before)))
}
