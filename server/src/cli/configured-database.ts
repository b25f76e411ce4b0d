import { existsSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import { databaseLocation } from '../database-location.ts'
import type { DatabaseLocation } from '../platform/db/index.ts'
import { CommandError } from './command-error.ts'

/** The configured database, when there must be one already. Throws `CommandError` for a file that is not there. */
export function existingDatabase(config: Config): DatabaseLocation {
  const location = databaseLocation(config)
  if (location.kind === 'sqlite' && !existsSync(location.path)) {
    throw new CommandError(
      `There is no database at ${location.path} yet; outcry serve or outcry migrate makes one.`,
    )
  }
  return location
}
