import { loadConfig } from '../../config/config.ts'
import { databaseLocation } from '../../database-location.ts'
import { systemClock } from '../../platform/clock.ts'
import { type KeyRingDocument, keyRingOf } from '../../platform/crypto/key-ring-document.ts'
import { readKeyRingDocument } from '../../platform/crypto/key-ring-file.ts'
import { serverKeyRing } from '../../platform/crypto/server-key-ring.ts'
import { readHistory } from '../../platform/db/migrate/read-history.ts'
import { DAY } from '../../platform/durations.ts'
import { tables } from '../../schema.ts'
import { type CommandContext, defineCommand } from '../command.ts'
import { countByKey } from '../sealed-values.ts'

function age(createdAt: string, now: Date): string {
  const days = Math.floor((now.getTime() - Date.parse(createdAt)) / DAY)
  return days === 1 ? '1 day' : `${days} days`
}

function showKeys(
  context: CommandContext,
  keys: KeyRingDocument<string>['keys'],
  counts: ReadonlyMap<string, number>,
) {
  const now = systemClock.now()
  for (const [purpose, entries] of Object.entries(keys)) {
    for (const { id, state, created_at } of entries) {
      const uses = purpose === 'key_encryption' ? `  seals ${counts.get(id) ?? 0} values` : ''
      context.write(
        `${purpose.padEnd(15)}  ${id}  ${state.padEnd(8)}  ${age(created_at, now).padEnd(9)}${uses}`,
      )
    }
  }
}

/** Tells of values that no key of the ring opens; gives how many kinds of them there are. */
function showUnknown(
  { complain }: CommandContext,
  known: ReadonlySet<string>,
  counts: ReadonlyMap<string, number>,
) {
  const unknown = [...counts].filter(([id]) => !known.has(id))
  for (const [id, count] of unknown) {
    complain(
      id === 'damaged'
        ? `${count} values are damaged; restore their rows from a backup.`
        : `${count} values are sealed with the key ${id}, which is not in the ring; put that key ring back.`,
    )
  }
  return unknown.length
}

export const command = defineCommand({
  description: [
    'Shows every key of the ring with its state and age, and how many sealed values each key-encryption key opens.',
    'Keys themselves are never shown. Ends with 1 when something is sealed with a key that the ring does not have.',
  ],
  options: {},
  async run(context) {
    const config = loadConfig(context.env, context.cwd)
    const document = await readKeyRingDocument(serverKeyRing, config.keysFile)
    const ring = keyRingOf(serverKeyRing, document, config.keysFile)
    const location = databaseLocation(config)
    const isThere = (await readHistory(location)).length > 0
    const counts = isThere ? await countByKey(location, tables) : new Map<string, number>()
    showKeys(context, document.keys, counts)
    return showUnknown(context, new Set(ring.keyEncryption.byId.keys()), counts) > 0 ? 1 : 0
  },
})
