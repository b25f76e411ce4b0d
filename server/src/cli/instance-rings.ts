import { existsSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import { vaultKeyRing } from '../modules/vault/process/vault-key-ring.ts'
import { systemClock } from '../platform/clock.ts'
import { openCanary } from '../platform/crypto/key-check.ts'
import type { KeyRingKind, KeySet, SecretKey } from '../platform/crypto/key-ring.ts'
import { type KeyEntry, type KeyState, keyRingOf } from '../platform/crypto/key-ring-document.ts'
import { createKeyRingFile, draftSealingKey } from '../platform/crypto/key-ring-file.ts'
import { loadKeyRing } from '../platform/crypto/key-ring-load.ts'
import { serverKeyRing } from '../platform/crypto/server-key-ring.ts'
import type { AnyTable, Db } from '../platform/db/index.ts'
import { type KeyProof, proveKeyRing } from '../platform/state/key-proof.ts'
import { sealedTables } from '../schema.ts'

/** One of the two key rings of an instance, as commands handle it. What reads the file throws `KeyRingError`. */
export interface InstanceRing {
  readonly name: 'server' | 'vault'
  /** What messages call it. */
  readonly title: string
  readonly path: string
  /** Where the database keeps its proof. */
  readonly proof: KeyProof['name']
  readonly sealingPurpose: string
  /** Tables whose sealed values it opens, among others. */
  readonly tables: readonly AnyTable[]
  isThere(): boolean
  /** Makes the file, and gives the id of the key that seals. */
  make(): Promise<string>
  /** Its keys as the file spells them, by purpose, after every check of the file. */
  entries(): Readonly<Record<string, readonly KeyEntry[]>>
  sealingKeys(): KeySet<SecretKey>
  /** Throws unless it opens the proof. */
  check(canary: string): void
  /** Proves it against the database, and notes keys that were added. */
  prove(db: Db): Promise<void>
  /** Prepares the same ring with a fresh key for sealing; says what becomes of the keys before it. */
  draft(
    before: Exclude<KeyState, 'current'>,
  ): Promise<{ readonly id: string; replace(): boolean; discard(): Promise<void> }>
}

type Place = Pick<InstanceRing, 'name' | 'path' | 'proof' | 'tables'>

function instanceRing<Purpose extends string, Ring>(
  kind: KeyRingKind<Purpose, Ring>,
  place: Place,
): InstanceRing {
  const { path, proof } = place
  const read = (): Ring => keyRingOf(kind, loadKeyRing(kind, path).document, path)
  const idOf = (ring: Ring): string => kind.sealing(ring).current.id
  return {
    ...place,
    title: kind.title,
    sealingPurpose: kind.sealingPurpose,
    isThere: () => existsSync(path),
    make: async () => idOf(await createKeyRingFile(kind, path, systemClock)),
    entries() {
      const { document } = loadKeyRing(kind, path)
      keyRingOf(kind, document, path)
      return document.keys
    },
    sealingKeys: () => kind.sealing(read()),
    check: (canary) => openCanary(kind, read(), canary),
    prove: (db) => proveKeyRing(kind, read(), { db, clock: systemClock, name: proof }),
    async draft(before) {
      const { ring, ...drafted } = await draftSealingKey(kind, path, { clock: systemClock, before })
      return { ...drafted, id: idOf(ring) }
    },
  }
}

/** Both rings of an instance, the server's first. */
export function instanceRings({ keysFile, vaultKeysFile }: Config): readonly [InstanceRing, InstanceRing] {
  return [
    instanceRing(serverKeyRing, {
      name: 'server',
      path: keysFile,
      proof: 'key_check',
      tables: sealedTables.server,
    }),
    instanceRing(vaultKeyRing, {
      name: 'vault',
      path: vaultKeysFile,
      proof: 'vault_key_check',
      tables: sealedTables.vault,
    }),
  ]
}
