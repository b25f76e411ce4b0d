import { existsSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import type { DatabaseLocation } from '../platform/db/index.ts'
import { CommandError } from './command-error.ts'

/** The database of the settings, with its secrets revealed to the drivers. */
export function configuredDatabase({ database }: Config): DatabaseLocation {
  if (database.kind === 'sqlite') return database
  return { kind: 'postgres', url: database.url.reveal(), adminUrl: database.adminUrl?.reveal() }
}

/** The same, when there must be one already. Throws `CommandError` for a file that is not there. */
export function existingDatabase(config: Config): DatabaseLocation {
  const location = configuredDatabase(config)
  if (location.kind === 'sqlite' && !existsSync(location.path)) {
    throw new CommandError(
      `There is no database at ${location.path} yet; outcry serve or outcry migrate makes one.`,
    )
  }
  return location
}
