import { resolve } from 'node:path'
import { type Config, loadConfig } from '../../config/config.ts'
import { databaseLocation } from '../../database-location.ts'
import { systemClock } from '../../platform/clock.ts'
import { assertOneDatabase } from '../../platform/db/assert-one-database.ts'
import { type BackupManifest, readManifest } from '../../platform/db/backup/backup-manifest.ts'
import { checkBackup, restoreBackup } from '../../platform/db/backup/restore-backup.ts'
import type { Tx } from '../../platform/db/index.ts'
import { readStateIn } from '../../platform/state/state.ts'
import { migrations, tables } from '../../schema.ts'
import { makeOldProofsWorthless } from '../after-restore.ts'
import { type CommandContext, defineCommand } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { type InstanceRing, instanceRings } from '../instance-rings.ts'
import { progressPrinter } from '../progress.ts'

/** Proves that the rings are those that the backup's instance had: they hold every key in use and open the proofs inside. */
async function keyCheckFor(rings: readonly InstanceRing[], manifest: BackupManifest) {
  const held = new Set(rings.flatMap((ring) => (ring.isThere() ? [...ring.sealingKeys().byId.keys()] : [])))
  const missing = Object.keys(manifest.sealed_with).filter((id) => !held.has(id))
  if (missing.length > 0) {
    const files = rings.map(({ title, path }) => `${title} ${path}`).join(' and the ')
    throw new CommandError(
      `The ${files} lack the keys ${missing.join(', ')}; put the rings of the backed up instance there.`,
    )
  }
  return async (tx: Tx) => {
    for (const ring of rings) {
      const canary = await readStateIn(tx, ring.proof)
      if (canary !== undefined) ring.check(canary)
    }
  }
}

async function check(context: CommandContext, config: Config, folder: string): Promise<void> {
  const manifest = await readManifest(folder)
  const rings = instanceRings(config)
  const hasKeys = rings.some((ring) => ring.isThere())
  const checkKeys = hasKeys ? await keyCheckFor(rings, manifest) : async () => undefined
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
  const rings = instanceRings(config)
  rings[0].entries() // a restored database is of no use without it
  const checkKeys = await keyCheckFor(rings, await readManifest(folder))
  const location = databaseLocation(config)
  await assertOneDatabase(location)
  const manifest = await restoreBackup(folder, location, {
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
    'Restores a backup into the database of the settings, which must be empty, with the key rings of the backed up',
    'instance in their places. Everything is restored or nothing. Afterwards no session, one-time link or code from',
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
