import { loadConfig } from '../../config/config.ts'
import { databaseLocation } from '../../database-location.ts'
import { type DatabaseLocation, openDatabase } from '../../platform/db/index.ts'
import { readHistory } from '../../platform/db/migrate/read-history.ts'
import { asOwner } from '../../platform/db/open-database.ts'
import { readState } from '../../platform/state/state.ts'
import { defineCommand } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { type InstanceRing, instanceRings } from '../instance-rings.ts'

/** A database is bound to its key rings by their first use. */
async function isInUse(location: DatabaseLocation, { proof }: InstanceRing): Promise<boolean> {
  if ((await readHistory(location)).length === 0) return false
  const db = openDatabase(asOwner(location))
  return readState(db, proof)
    .then((check) => check !== undefined)
    .finally(() => db.close())
}

export const command = defineCommand({
  description: [
    'Makes the key rings in OUTCRY_KEYS_FILE and OUTCRY_VAULT_KEYS_FILE with fresh random keys, for their owner alone.',
    'Never replaces one, and refuses when the database is in use already: its values open only with the rings they',
    'were made with. The first start of the server does the same by itself.',
  ],
  options: {},
  async run({ env, cwd, write }) {
    const config = loadConfig(env, cwd)
    const rings = instanceRings(config)
    const isMissing = rings.some((ring) => !ring.isThere())
    for (const ring of rings) {
      if (isMissing && ring.isThere()) continue
      if (await isInUse(databaseLocation(config), ring)) {
        throw new CommandError(
          `The database is in use already; put its own ${ring.title} back instead of making a new one.`,
        )
      }
      const id = await ring.make()
      write(`Made the ${ring.title} ${ring.path} (key ${id}).`)
    }
    write(
      'Keep copies of both where no backup of the database is: without them nothing sealed can be opened.',
    )
  },
})
