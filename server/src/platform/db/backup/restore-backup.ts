import { join } from 'node:path'
import { inScratchFolder } from '../../files/in-scratch-folder.ts'
import { CopyError } from '../copy/copy-error.ts'
import { type FillDatabaseOptions, fillDatabase } from '../copy/fill-database.ts'
import type { CopiedTable } from '../copy/fill-tables.ts'
import type { DatabaseLocation } from '../open-database.ts'
import type { Tx } from '../session.ts'
import { type BackupManifest, readManifest } from './backup-manifest.ts'
import { openBackupSource, verifyFiles } from './backup-source.ts'

/** What a restore needs beside the backup. */
export interface RestoreOptions extends Omit<FillDatabaseOptions, 'afterFill'> {
  /**
   * Runs in the transaction of the restore once every row is back: here the instance makes everything worthless that was
   * handed out before, such as sessions and one-time codes. What it throws undoes the restore.
   */
  readonly afterRestore: (tx: Tx) => Promise<void>
}

function requireRowsOf(manifest: BackupManifest, copied: readonly CopiedTable[]): void {
  for (const { table, rows, checksum } of copied) {
    const entry = manifest.tables.find(({ name }) => name === table)
    if (entry?.rows === rows && entry.checksum === checksum) continue
    throw new CopyError(`The rows of ${table} are not those that were backed up; nothing was restored.`)
  }
}

/**
 * Restores a backup of either engine into an empty database of either engine, in one transaction: afterwards everything is
 * back or nothing was changed. Throws `CopyError` for a damaged backup, one of another version, and a target in use.
 */
export async function restoreBackup(
  folder: string,
  location: DatabaseLocation,
  options: RestoreOptions,
): Promise<BackupManifest> {
  const { afterRestore, ...rest } = options
  const manifest = await readManifest(folder)
  await verifyFiles(folder, manifest)
  await fillDatabase(location, openBackupSource(folder, manifest), {
    ...rest,
    async afterFill(tx, copied) {
      requireRowsOf(manifest, copied)
      await afterRestore(tx)
    },
  })
  return manifest
}

/** Proves that a backup can be restored, by restoring it into a scratch database; touches nothing else. */
export function checkBackup(folder: string, options: RestoreOptions): Promise<BackupManifest> {
  return inScratchFolder((scratch) =>
    restoreBackup(folder, { kind: 'sqlite', path: join(scratch, 'check.db') }, options),
  )
}
