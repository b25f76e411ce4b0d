import { type Config, loadConfig } from '../../config/config.ts'
import { systemClock } from '../../platform/clock.ts'
import { openCanary, sealCanary } from '../../platform/crypto/key-check.ts'
import type { KeyRing } from '../../platform/crypto/key-ring.ts'
import { addSealingKey, readKeyRingFile } from '../../platform/crypto/key-ring-file.ts'
import { createSealer } from '../../platform/crypto/sealed.ts'
import { serverKeyRing } from '../../platform/crypto/server-key-ring.ts'
import { type DatabaseLocation, type Db, openDatabase, openForMigration } from '../../platform/db/index.ts'
import { readState, writeState } from '../../platform/state/state.ts'
import { tables } from '../../schema.ts'
import { type CommandContext, defineCommand } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { existingDatabase } from '../configured-database.ts'
import { countByKey, rewrapAll } from '../sealed-values.ts'

/** Adds a key unless an earlier rotation is unfinished; only one at a time, because the ring has no lock of its own. */
async function ringToMoveTo(context: CommandContext, config: Config, location: DatabaseLocation) {
  const lock = await openForMigration(location)
  let ring: KeyRing | undefined
  try {
    await lock.exclusively(async () => {
      const present = await readKeyRingFile(serverKeyRing, config.keysFile)
      const counts = await countByKey(location, tables)
      const isFinished = [...counts.keys()].every((id) => id === present.keyEncryption.current.id)
      if (!isFinished) {
        context.write(`Finishing an earlier rotation to the key ${present.keyEncryption.current.id}.`)
        ring = present
        return
      }
      ring = await addSealingKey(serverKeyRing, config.keysFile, systemClock)
      context.write(`Added the key ${ring.keyEncryption.current.id}; it seals everything from now on.`)
    })
  } finally {
    await lock.close()
  }
  if (!ring) throw new CommandError('The key ring could not be read while nobody else changes it.')
  return ring
}

async function requireOwnRing(db: Db, path: string): Promise<void> {
  const canary = await readState(db, 'key_check')
  const ring = await readKeyRingFile(serverKeyRing, path)
  if (canary !== undefined) openCanary(serverKeyRing, ring, canary)
}

async function moveEverything(
  context: CommandContext,
  location: DatabaseLocation,
  parts: { db: Db; ring: KeyRing },
) {
  const { db, ring } = parts
  const value = sealCanary(serverKeyRing, ring)
  await db.withSystem((tx) => writeState(tx, 'key_check', { value, clock: systemClock }))
  return rewrapAll({
    db,
    location,
    tables,
    sealer: createSealer(ring.keyEncryption),
    currentId: ring.keyEncryption.current.id,
    signal: context.signal,
    onBatch: (moved) => context.complain(`moved  ${moved} values`),
  })
}

export const command = defineCommand({
  description: [
    'Adds a key to the ring that seals everything from now on, and moves what is sealed already to it. The data keys',
    'are wrapped anew; the sealed data itself is not touched. May be stopped or killed and run again: it then',
    'finishes the rotation that it finds instead of adding another key.',
    '',
    'Stop the servers first and start them afterwards: they read the key ring at their start. Copy the new key ring',
    'to where you keep the old one; older backups need the older keys, which stay in the ring.',
  ],
  options: {},
  async run(context) {
    const config = loadConfig(context.env, context.cwd)
    const location = existingDatabase(config)
    const db = openDatabase(location)
    try {
      await requireOwnRing(db, config.keysFile)
      const ring = await ringToMoveTo(context, config, location)
      const { moved, refused } = await moveEverything(context, location, { db, ring })
      for (const place of refused) context.complain(`${place} does not open; restore the row from a backup.`)
      context.write(`Moved ${moved} sealed values to the key ${ring.keyEncryption.current.id}.`)
      context.write(`Copy the key ring ${config.keysFile} to where you keep the old one.`)
      return refused.length > 0 ? 1 : 0
    } finally {
      await db.close()
    }
  },
})
