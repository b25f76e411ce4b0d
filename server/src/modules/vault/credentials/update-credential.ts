import type { Clock } from '../../../platform/clock.ts'
import type { Tx } from '../../../platform/db/index.ts'
import { type Acting, aboutCredential } from '../acting.ts'
import type { CredentialRow } from '../credential.table.ts'
import type { KeyPair } from '../provider.ts'
import { vaultErrors } from '../vault.errors.ts'
import {
  changeCredential,
  clearOtherDefault,
  findCredential,
  lockCredential,
  lockWithDefault,
} from './credential.store.ts'
import type { CredentialChanges } from './credential-changes.ts'
import { type CredentialSettings, type PlannedChange, planChange } from './plan-change.ts'
import { createRotatePair, type RotatePairParts, type Rotation, rotationPatch } from './rotate-pair.ts'
import { translateStoredTwice } from './store-credential.ts'
import { assertSeen, type SeenVersion } from './version.ts'

/** What an owner wants to change: settings, and perhaps the pair. */
export interface CredentialChange {
  readonly settings: CredentialSettings
  readonly pair: KeyPair | undefined
  readonly seen: SeenVersion
}

interface UpdateCredentialOptions extends RotatePairParts {
  readonly clock: Clock
  readonly changes: CredentialChanges
}

interface Planned {
  readonly planned: PlannedChange
  readonly rotation: Rotation | undefined
}

/**
 * Changes a credential. A new pair takes the place of the old one only when the broker took it and nothing else of the
 * credential changed meanwhile. Throws `vault.credential_not_found`, `vault.nothing_given`, `vault.version_stale`, `vault.key_refused`,
 * `vault.expiry_invalid`, `vault.credential_inactive`, `vault.already_stored`, `vault.broker_unreachable`,
 * `vault.broker_rate_limited`, `vault.unavailable`, and the 401 that asks for a newer proof.
 */
export function createUpdateCredential(options: UpdateCredentialOptions) {
  const { clock, changes, work } = options
  const { attempt, held } = work
  const rotate = createRotatePair(options)

  const plan = (by: Acting, row: CredentialRow, { settings, pair, seen }: CredentialChange) => {
    if (!pair && Object.keys(settings).length === 0) throw vaultErrors.nothingGiven()
    assertSeen(seen, row)
    const planned = planChange(row, settings, clock.now())
    const steps = [...planned.steps, ...(pair ? (['rotate'] as const) : [])]
    work.assertProof(by, row, steps)
    return planned
  }

  const prove = async (by: Acting, id: string, change: CredentialChange): Promise<Rotation | undefined> => {
    const { pair } = change
    return pair && (await rotate.prove(by, { id, pair, assertMay: (row) => plan(by, row, change) }))
  }

  const record = async (
    tx: Tx,
    by: Acting,
    {
      row,
      planned,
      rotation,
    }: { row: CredentialRow; planned: PlannedChange; rotation: Rotation | undefined },
  ) => {
    const { is_active, is_default, is_trading_enabled, expires_at } = row
    const settings = { is_active, is_default, is_trading_enabled }
    const changed = { ...settings, expires_at: expires_at?.toISOString() ?? null }
    const rotated = { key_version: row.key_version, outcome: row.last_validation }
    for (const action of [...planned.actions, ...(rotation ? (['credential.rotated'] as const) : [])]) {
      await work.record(tx, by, {
        action,
        about: aboutCredential(row.id),
        ...(action === 'credential.changed' ? { details: changed } : {}),
        ...(action === 'credential.rotated' ? { details: rotated } : {}),
      })
    }
  }

  const change = async (tx: Tx, row: CredentialRow, { planned, rotation }: Planned) => {
    const now = clock.now()
    if (planned.patch.is_default) await clearOtherDefault(tx, row, now)
    const patch = { ...planned.patch, ...(rotation ? rotationPatch(rotation, now) : {}) }
    if (!(await changeCredential(tx, row, patch))) throw vaultErrors.versionStale()
    const changed = await findCredential(tx, { id: row.id, userId: row.user_id })
    if (!changed) throw vaultErrors.credentialNotFound()
    return changed
  }

  const write = (by: Acting, wanted: CredentialChange & { id: string }, rotation: Rotation | undefined) =>
    held(by, async (tx) => {
      const lock = wanted.settings.isDefault ? lockWithDefault : lockCredential
      const row = await lock(tx, { id: wanted.id, userId: by.userId })
      if (!row) throw vaultErrors.credentialNotFound()
      if (rotation && rotation.of.version !== row.version) throw vaultErrors.versionStale()
      const planned = plan(by, row, wanted)
      const changed = await change(tx, row, { planned, rotation })
      changes.changed(tx, { userId: by.userId, credentialId: row.id })
      if (rotation) await rotate.tell(tx, by, rotation)
      await record(tx, by, { row: changed, planned, rotation })
      return changed
    }).catch((error: unknown) => {
      throw translateStoredTwice(error)
    })

  return (by: Acting, id: string, wanted: CredentialChange): Promise<CredentialRow> => {
    const action = wanted.pair ? 'credential.rotated' : 'credential.changed'
    return attempt(by, { action, about: aboutCredential(id) }, async () =>
      write(by, { ...wanted, id }, await prove(by, id, wanted)),
    )
  }
}
