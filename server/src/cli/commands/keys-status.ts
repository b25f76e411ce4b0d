import { loadConfig } from '../../config/config.ts'
import { databaseLocation } from '../../database-location.ts'
import { systemClock } from '../../platform/clock.ts'
import { type DatabaseLocation, openDatabase } from '../../platform/db/index.ts'
import { readHistory } from '../../platform/db/migrate/read-history.ts'
import { countByKey, DAMAGED } from '../../platform/db/sealed/count-by-key.ts'
import { DAY } from '../../platform/durations.ts'
import { type CommandContext, defineCommand } from '../command.ts'
import { type InstanceRing, instanceRings } from '../instance-rings.ts'
import { lacksKey } from '../key-rotation.ts'

type Counts = ReadonlyMap<string, number>

function age(createdAt: string, now: Date): string {
  const days = Math.floor((now.getTime() - Date.parse(createdAt)) / DAY)
  return days === 1 ? '1 day' : `${days} days`
}

function showKeys({ write }: CommandContext, ring: InstanceRing, counts: Counts): void {
  const now = systemClock.now()
  write(`The ${ring.title} ${ring.path}:`)
  for (const [purpose, entries] of Object.entries(ring.entries())) {
    for (const { id, state, created_at } of entries) {
      const uses = purpose === ring.sealingPurpose ? `  seals ${counts.get(id) ?? 0} values` : ''
      write(`${purpose.padEnd(22)}  ${id}  ${state.padEnd(11)}  ${age(created_at, now).padEnd(9)}${uses}`)
    }
  }
}

/** Tells of values that no key of the ring opens; gives how many kinds of them there are. */
function showUnknown({ complain }: CommandContext, ring: InstanceRing, counts: Counts): number {
  const known = ring.isThere() ? ring.sealingKeys().byId : new Map()
  const unknown = [...counts].filter(([id]) => !known.has(id))
  for (const [id, count] of unknown) {
    complain(
      id === DAMAGED
        ? `${count} values are damaged; restore their rows from a backup.`
        : `${count} values are sealed with the key ${id}, which is not in the ${ring.title}; put that ${ring.title} back.`,
    )
  }
  return unknown.length
}

function showLeft({ write }: CommandContext, ring: InstanceRing, counts: Counts): void {
  const { current, byId } = ring.sealingKeys()
  const left = { older: 0, compromised: 0 }
  for (const [id, count] of counts) {
    const key = byId.get(id)
    if (key && id !== current.id) left[key.isCompromised ? 'compromised' : 'older'] += count
  }
  if (left.older > 0)
    write(
      `${left.older} values are still sealed with older keys; a running server moves them, or keys rotate.`,
    )
  if (left.compromised > 0)
    write(`${left.compromised} values are still to be sealed anew; a running server does it, or keys rotate.`)
}

async function show(
  context: CommandContext,
  ring: InstanceRing,
  location: DatabaseLocation,
): Promise<number> {
  const hasTables = (await readHistory(location)).length > 0
  const counts = hasTables ? await countByKey(location, ring.tables) : new Map<string, number>()
  if (ring.name === 'vault' && !ring.isThere() && counts.size === 0) {
    context.write(`There is no ${ring.title} at ${ring.path} yet; the first start of the server makes one.`)
    return 0
  }
  showKeys(context, ring, counts)
  showLeft(context, ring, counts)
  return showUnknown(context, ring, counts)
}

async function tellUnfinished(
  { write }: CommandContext,
  rings: readonly InstanceRing[],
  location: DatabaseLocation,
): Promise<void> {
  if ((await readHistory(location)).length === 0) return
  const db = openDatabase(location)
  try {
    if (await lacksKey(db, rings)) write('A rotation was begun and is not finished; run outcry keys rotate.')
  } finally {
    await db.close()
  }
}

export const command = defineCommand({
  description: [
    'Shows every key of both key rings with its state and age, how many sealed values each sealing key opens, and how',
    'many a rotation has still to move or to seal anew. Keys themselves are never shown. Ends with 1 when something is sealed with a',
    'key that the ring does not have.',
  ],
  options: {},
  async run(context) {
    const config = loadConfig(context.env, context.cwd)
    const location = databaseLocation(config)
    const rings = instanceRings(config)
    let unknown = 0
    for (const ring of rings) unknown += await show(context, ring, location)
    await tellUnfinished(context, rings, location)
    return unknown > 0 ? 1 : 0
  },
})
