import { randomBytes } from 'node:crypto'
import { loadConfig } from '../../../server/src/config/config.ts'
import type { CredentialRow } from '../../../server/src/modules/vault/credential.table.ts'
import { keyBinding } from '../../../server/src/modules/vault/process/key-binding.ts'
import { readVaultKeyRing } from '../../../server/src/modules/vault/process/vault-key-ring.ts'
import { systemClock } from '../../../server/src/platform/clock.ts'
import { createSealer } from '../../../server/src/platform/crypto/sealed.ts'
import { createUuidv7 } from '../../../server/src/platform/crypto/uuid.ts'

/** What all credentials of the benchmarks are. */
export const KIND = { credential_type: 'alpaca_paper', environment: 'paper' } as const

/** A pair in the shape of a paper key, which the broker's double accepts; no other is like it. */
export function newPair(): { api_key: string; secret_key: string } {
  return {
    api_key: `PKFAKE${randomBytes(7).toString('hex').toUpperCase()}`,
    secret_key: `fake-secret-${randomBytes(14).toString('hex')}`,
  }
}

/** Whose credential, and in which trading account. */
export interface CredentialPlace {
  readonly userId: string
  readonly accountId: string
}

/** Makes rows as storing does, at a fraction of the cost. */
export interface CredentialRows {
  /** With a pair that opens there and that the broker has accepted before. */
  usable(place: CredentialPlace): CredentialRow
  /** The same size, with a pair that opens nowhere: it was sealed once, for another row. */
  filler(place: CredentialPlace): CredentialRow
}

const newId = createUuidv7(systemClock)

function unsealed({ userId, accountId }: CredentialPlace) {
  const now = systemClock.now()
  return {
    ...KIND,
    id: newId(),
    user_account_id: accountId,
    user_id: userId,
    created_at: now,
    updated_at: now,
    fingerprint: new Uint8Array(randomBytes(32)),
    key_hint: 'ABCD',
    key_version: 1,
    is_active: true,
    is_default: false,
    is_trading_enabled: false,
    expires_at: null,
    expiry_notice: null,
    last_used_at: null,
    last_validated_at: null,
    last_validation: null,
    rejections: 0,
    version: 1,
    deleted_at: null,
    nickname: KIND.credential_type,
  }
}

/** Makes rows for the instance with these settings, which has the keys of its vault already. */
export async function credentialRows(env: Readonly<Record<string, string>>): Promise<CredentialRows> {
  const ring = await readVaultKeyRing(loadConfig(env).vaultKeysFile)
  const sealer = createSealer(ring.credentialEncryption)
  const usable = (place: CredentialPlace): CredentialRow => {
    const row = unsealed(place)
    const pair = newPair()
    return {
      ...row,
      last_validated_at: row.created_at,
      last_validation: 'ok',
      api_key: sealer.seal(keyBinding('api_key', row), pair.api_key),
      secret_key: sealer.seal(keyBinding('secret_key', row), pair.secret_key),
    }
  }
  const { api_key, secret_key } = usable({ userId: newId(), accountId: newId() })
  return { usable, filler: (place) => ({ ...unsealed(place), api_key, secret_key }) }
}
