import { loadConfig } from '../config/config.ts'
import { databaseLocation } from '../database-location.ts'
import { readVaultKeyRing } from '../modules/vault/process/vault-key-ring.ts'
import type { KeySet, SecretKey } from '../platform/crypto/key-ring.ts'
import { readKeyRingFile } from '../platform/crypto/key-ring-file.ts'
import { serverKeyRing } from '../platform/crypto/server-key-ring.ts'
import { openDatabaseSource } from '../platform/db/copy/row-source.ts'
import { type AnyTable, bindingOf } from '../platform/db/index.ts'
import { sealedColumnsOf } from '../platform/db/sealed/sealed-columns.ts'
import { sealedTables } from '../schema.ts'
import { dataKeyOf } from './data-key-of.ts'
import type { CommandInstance } from './run-command.ts'

/** The data key of every sealed value of an instance, by `table.column` and in no order. */
export async function dataKeysOf({ env }: Pick<CommandInstance, 'env'>): Promise<Map<string, Set<string>>> {
  const config = loadConfig(env)
  const keys = {
    server: (await readKeyRingFile(serverKeyRing, config.keysFile)).keyEncryption,
    vault: (await readVaultKeyRing(config.vaultKeysFile)).credentialEncryption,
  }
  const found = new Map<string, Set<string>>()
  const source = await openDatabaseSource(databaseLocation(config))
  const collect = async (table: AnyTable, column: string, from: KeySet<SecretKey>) => {
    const dataKeys = new Set<string>()
    for await (const rows of source.rows(table, [column])) {
      for (const row of rows) {
        const sealed = row[column]
        if (sealed instanceof Uint8Array)
          dataKeys.add(dataKeyOf(from, bindingOf(table, column, { row }), sealed))
      }
    }
    found.set(`${table.name}.${column}`, dataKeys)
  }
  try {
    for (const ring of ['server', 'vault'] as const) {
      for (const table of sealedTables[ring]) {
        for (const column of sealedColumnsOf(table)) await collect(table, column, keys[ring])
      }
    }
  } finally {
    await source.close()
  }
  return found
}
