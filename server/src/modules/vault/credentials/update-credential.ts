import type { Outcome } from '@outcry/contract/vault'
import type { Clock } from '../../../platform/clock.ts'
import type { Db, Patch, Tx } from '../../../platform/db/index.ts'
import { MINUTE, SECOND } from '../../../platform/durations.ts'
import { type Acting, aboutCredential, type VaultWork } from '../acting.ts'
import type { CredentialRow, userCredentials } from '../credential.table.ts'
import { isAccepted, type KeyPair } from '../provider.ts'
import { vaultErrors } from '../vault.errors.ts'
import {
  changeCredential,
  clearOtherDefault,
  findCredential,
  lockCredential,
  lockWithDefault,
} from './credential.store.ts'
import type { CredentialChanges } from './credential-changes.ts'
import { calledAs } from './nickname.ts'
import { type CredentialSettings, type PlannedChange, planChange } from './plan-change.ts'
import type { ProvenPair, ProvePair } from './prove-pair.ts'
import type { ProviderRegistry } from './providers.ts'
import { translateStoredTwice } from './store-credential.ts'
import { assertSeen, type SeenVersion } from './version.ts'

/** What an owner wants to change: settings, and perhaps the pair. */
export interface CredentialChange {
  readonly settings: CredentialSettings
  readonly pair: KeyPair | undefined
  readonly seen: SeenVersion
}

export interface UpdateCredentialOptions {
  readonly db: Db
  readonly clock: Clock
  readonly providers: ProviderRegistry
  readonly provePair: ProvePair
  readonly work: VaultWork
  readonly changes: CredentialChanges
}

/** A new pair, and the row that it was sealed for. */
interface Rotation {
  readonly of: CredentialRow
  readonly proven: ProvenPair
}

interface Planned {
  readonly planned: PlannedChange
  readonly rotation: Rotation | undefined
}

function patchOf({ of, proven: { sealed, outcome } }: Rotation, now: Date): Patch<typeof userCredentials> {
  return {
    api_key: sealed.apiKey,
    secret_key: sealed.secretKey,
    fingerprint: sealed.fingerprint,
    key_hint: sealed.keyHint,
    key_version: of.key_version + 1,
    last_validated_at: now,
    last_validation: outcome ?? null,
    rejections: 0,
  }
}

/** That a pair could not be tried says nothing of it; a minute is a guess, for want of anything told. */
function notProven(outcome: Outcome | undefined) {
  const later = { headers: { 'retry-after': `${MINUTE / SECOND}` } }
  return outcome === 'rate_limited'
    ? vaultErrors.brokerRateLimited({}, later)
    : vaultErrors.brokerUnreachable({}, later)
}

/**
 * Changes a credential. A new pair takes the place of the old one only when the broker took it and nothing else of the
 * credential changed meanwhile. Throws `vault.credential_not_found`, `vault.nothing_given`, `vault.version_stale`, `vault.key_refused`,
 * `vault.expiry_invalid`, `vault.credential_inactive`, `vault.already_stored`, `vault.broker_unreachable`,
 * `vault.broker_rate_limited`, `vault.unavailable`, and the 401 that asks for a newer proof.
 */
export function createUpdateCredential(options: UpdateCredentialOptions) {
  const { db, clock, providers, provePair, changes, work } = options
  const { attempt, held } = work

  const plan = (by: Acting, row: CredentialRow, { settings, pair, seen }: CredentialChange) => {
    if (!pair && Object.keys(settings).length === 0) throw vaultErrors.nothingGiven()
    assertSeen(seen, row)
    const planned = planChange(row, settings, clock.now())
    const steps = [...planned.steps, ...(pair ? (['rotate'] as const) : [])]
    work.assertProof(by, row, steps)
    return planned
  }

  const prove = async (by: Acting, id: string, change: CredentialChange): Promise<Rotation | undefined> => {
    if (!change.pair) return undefined
    const of = await findCredential(db.asMember(by.userId), { id, userId: by.userId })
    if (!of) throw vaultErrors.credentialNotFound()
    plan(by, of, change)
    const provider = providers.get(of.credential_type)
    const proven = await provePair(by, {
      credentialId: id,
      provider,
      keyVersion: of.key_version + 1,
      pair: change.pair,
      validate: true,
    })
    if (!isAccepted(proven.outcome)) throw notProven(proven.outcome)
    return { of, proven }
  }

  const tell = async (tx: Tx, by: Acting, { of, proven }: Rotation) => {
    if (of.environment !== 'live') return
    const detail = `${calledAs(of)}; the new key ends in ${proven.sealed.keyHint}.`
    await work.tellOfLiveKey(tx, by, { kind: 'liveKeyReplaced', detail })
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
    const patch = { ...planned.patch, ...(rotation ? patchOf(rotation, now) : {}) }
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
      if (rotation) await tell(tx, by, rotation)
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
