import type { Config } from './config/config.ts'
import type { DatabaseLocation } from './platform/db/index.ts'

/** The database of the settings, with its secrets revealed to the drivers. */
export function databaseLocation({ database }: Pick<Config, 'database'>): DatabaseLocation {
  if (database.kind === 'sqlite') return database
  return { kind: 'postgres', url: database.url.reveal(), adminUrl: database.adminUrl?.reveal() }
}
