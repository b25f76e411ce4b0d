import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Config, loadConfig } from '../../config/config.ts'
import { databaseLocation } from '../../database-location.ts'
import { systemClock } from '../../platform/clock.ts'
import { openCanary } from '../../platform/crypto/key-check.ts'
import { readKeyRingFile } from '../../platform/crypto/key-ring-file.ts'
import { serverKeyRing } from '../../platform/crypto/server-key-ring.ts'
import { type BackupManifest, readManifest } from '../../platform/db/backup/backup-manifest.ts'
import { checkBackup, restoreBackup } from '../../platform/db/backup/restore-backup.ts'
import type { Tx } from '../../platform/db/index.ts'
import { readStateIn } from '../../platform/state/state.ts'
import { migrations, tables } from '../../schema.ts'
import { makeOldProofsWorthless } from '../after-restore.ts'
import { type CommandContext, defineCommand } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { progressPrinter } from '../progress.ts'

/** Proves that the ring is the one the backup's instance had: it holds every key in use, and opens the proof inside. */
async function keyCheckFor(config: Config, manifest: BackupManifest) {
  const ring = await readKeyRingFile(serverKeyRing, config.keysFile)
  const missing = Object.keys(manifest.sealed_with).filter((id) => !ring.keyEncryption.byId.has(id))
  if (missing.length > 0) {
    throw new CommandError(
      `The key ring ${config.keysFile} lacks the keys ${missing.join(', ')}; put the ring of the backed up instance there.`,
    )
  }
  return async (tx: Tx) => {
    const canary = await readStateIn(tx, 'key_check')
    if (canary !== undefined) openCanary(serverKeyRing, ring, canary)
  }
}

async function check(context: CommandContext, config: Config, folder: string): Promise<void> {
  const manifest = await readManifest(folder)
  const hasKeys = existsSync(config.keysFile)
  const checkKeys = hasKeys ? await keyCheckFor(config, manifest) : async () => undefined
  await checkBackup(folder, {
    ...optionsFor(context),
    async afterRestore(tx) {
      await checkKeys(tx)
      await makeOldProofsWorthless(tx, systemClock)
    },
  })
  for (const { name, rows, checksum } of manifest.tables) {
    context.write(`${name}  ${rows.toLocaleString('en')} rows  checksum ${checksum.slice(0, 16)}`)
  }
  if (!hasKeys) context.complain(`The keys were not checked: there is no key ring at ${config.keysFile}.`)
  context.write(`The backup of ${manifest.created_at} can be restored; the database was not touched.`)
}

const optionsFor = ({ complain, signal }: CommandContext) => ({
  schema: { tables, migrations },
  onProgress: progressPrinter(complain),
  signal,
})

async function restore(context: CommandContext, config: Config, folder: string): Promise<void> {
  const checkKeys = await keyCheckFor(config, await readManifest(folder))
  const manifest = await restoreBackup(folder, databaseLocation(config), {
    ...optionsFor(context),
    async afterRestore(tx) {
      await checkKeys(tx)
      await makeOldProofsWorthless(tx, systemClock)
    },
  })
  const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0)
  context.write(`Restored ${rows.toLocaleString('en')} rows of ${manifest.created_at}.`)
  context.write('Everybody must sign in again: sessions and one-time links from before are worthless now.')
}

export const command = defineCommand({
  description: [
    'Restores a backup into the database of the settings, which must be empty, with the key ring of the backed up',
    'instance in its place. Everything is restored or nothing. Afterwards no session, one-time link or code from',
    'before is accepted: everybody signs in again.',
    '',
    'With --check the backup is restored into a scratch database that is thrown away; nothing else is touched.',
  ],
  words: ['DIR'],
  options: { check: { type: 'boolean', summary: 'only proves that the backup can be restored' } },
  async run(context, { options, words: [dir] }) {
    const folder = resolve(context.cwd, dir)
    const config = loadConfig(context.env, context.cwd)
    await (options.check ? check : restore)(context, config, folder)
  },
})
