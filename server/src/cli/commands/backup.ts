import { resolve } from 'node:path'
import { loadConfig } from '../../config/config.ts'
import { systemClock } from '../../platform/clock.ts'
import { sealedKeyId } from '../../platform/crypto/sealed-key-id.ts'
import { writeBackup } from '../../platform/db/backup/write-backup.ts'
import { migrations, tables } from '../../schema.ts'
import { defineCommand } from '../command.ts'
import { existingDatabase } from '../configured-database.ts'
import { progressPrinter } from '../progress.ts'

export const command = defineCommand({
  description: [
    'Writes the database as it is at this moment into DIR, an empty or new folder, while the server goes on',
    'serving. The backup is the same from SQLite and from PostgreSQL and can be restored to either.',
    '',
    'The key rings (OUTCRY_KEYS_FILE, OUTCRY_VAULT_KEYS_FILE) are not in the backup: keep copies of both somewhere',
    'else. Without them nothing sealed can be opened again; together with a backup they open everything.',
  ],
  words: ['DIR'],
  options: {},
  async run(context, { words: [dir] }) {
    const folder = resolve(context.cwd, dir)
    const config = loadConfig(context.env, context.cwd)
    const manifest = await writeBackup(folder, {
      location: existingDatabase(config),
      schema: { tables, migrations },
      clock: systemClock,
      keyIdOf: sealedKeyId,
      onProgress: progressPrinter(context.complain),
      signal: context.signal,
    })
    const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0)
    const bytes = manifest.tables.reduce((sum, table) => sum + table.bytes, 0)
    context.write(
      `Backed up ${rows.toLocaleString('en')} rows (${(bytes / 1e6).toFixed(1)} MB) to ${folder}.`,
    )
    const rings = `${config.keysFile} and ${config.vaultKeysFile}`
    const keys = Object.keys(manifest.sealed_with)
    context.write(
      keys.length === 0
        ? `Keep the key rings ${rings} apart from it.`
        : `It can be opened with the keys ${keys.join(', ')}; keep the key rings ${rings} apart from it.`,
    )
  },
})
