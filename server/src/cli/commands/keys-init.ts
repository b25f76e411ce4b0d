import { loadConfig } from '../../config/config.ts'
import { databaseLocation } from '../../database-location.ts'
import { systemClock } from '../../platform/clock.ts'
import { createKeyRingFile } from '../../platform/crypto/key-ring-file.ts'
import { serverKeyRing } from '../../platform/crypto/server-key-ring.ts'
import { type DatabaseLocation, openDatabase } from '../../platform/db/index.ts'
import { readHistory } from '../../platform/db/migrate/read-history.ts'
import { readState } from '../../platform/state/state.ts'
import { defineCommand } from '../command.ts'
import { CommandError } from '../command-error.ts'

/** A database is bound to its key ring by the server's first start. */
async function isInUse(location: DatabaseLocation): Promise<boolean> {
  if ((await readHistory(location)).length === 0) return false
  const db = openDatabase(location)
  return readState(db, 'key_check')
    .then((check) => check !== undefined)
    .finally(() => db.close())
}

export const command = defineCommand({
  description: [
    'Makes the key ring in OUTCRY_KEYS_FILE with fresh random keys, for its owner alone. Never replaces one, and',
    'refuses when the database is in use already: its values open only with the ring they were made with.',
    'The first start of the server does the same by itself.',
  ],
  options: {},
  async run({ env, cwd, write }) {
    const config = loadConfig(env, cwd)
    if (await isInUse(databaseLocation(config))) {
      throw new CommandError(
        'The database is in use already; put its own key ring back instead of making a new one.',
      )
    }
    const ring = await createKeyRingFile(serverKeyRing, config.keysFile, systemClock)
    write(`Made the key ring ${config.keysFile} (key ${ring.keyEncryption.current.id}).`)
    write('Keep a copy of it where no backup of the database is: without it nothing sealed can be opened.')
  },
})
