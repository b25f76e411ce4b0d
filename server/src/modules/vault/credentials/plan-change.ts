import type { Patch } from '../../../platform/db/index.ts'
import type { CredentialRow, userCredentials } from '../credential.table.ts'
import { vaultErrors } from '../vault.errors.ts'
import type { Step } from '../vault.policy.ts'
import { assertExpiry, isLater } from './expiry.ts'
import { nicknameOf } from './nickname.ts'

/** What an owner may say about a credential beside a new pair; what is absent stays. */
export interface CredentialSettings {
  readonly nickname?: string | null
  readonly isActive?: boolean
  readonly isDefault?: boolean
  readonly isTradingEnabled?: boolean
  readonly expiresAt?: Date | null
}

export interface PlannedChange {
  readonly patch: Patch<typeof userCredentials>
  /** What of it takes a newer proof than being signed in. */
  readonly steps: readonly Step[]
  /** What goes into the audit log. */
  readonly actions: readonly ('credential.renamed' | 'credential.changed')[]
}

/**
 * What settings make of a credential. One that is switched off is nobody's default, and counts rejections anew when it is
 * switched on again; a new expiry is announced anew. Throws `vault.expiry_invalid`, and `vault.credential_inactive` for a
 * default that is switched off.
 */
export function planChange(row: CredentialRow, settings: CredentialSettings, now: Date): PlannedChange {
  const { nickname, isActive, isDefault, isTradingEnabled, expiresAt } = settings
  const willBeActive = isActive ?? row.is_active
  if (isDefault === true && !willBeActive) throw vaultErrors.credentialInactive()
  if (expiresAt !== undefined) assertExpiry(expiresAt, now)
  const isActivated = willBeActive && !row.is_active
  const steps: Step[] = []
  if (isActivated) steps.push('activate')
  if (isTradingEnabled === true && !row.is_trading_enabled) steps.push('enable_trading')
  if (expiresAt !== undefined && isLater(row.expires_at, expiresAt)) steps.push('widen_expiry')
  const isChanged = [isActive, isDefault, isTradingEnabled, expiresAt].some((given) => given !== undefined)
  return {
    steps,
    patch: {
      updated_at: now,
      ...(nickname === undefined ? {} : { nickname: nicknameOf(nickname, row.credential_type) }),
      is_active: willBeActive,
      is_default: willBeActive && (isDefault ?? row.is_default),
      is_trading_enabled: isTradingEnabled ?? row.is_trading_enabled,
      ...(isActivated ? { rejections: 0 } : {}),
      ...(expiresAt === undefined ? {} : { expires_at: expiresAt, expiry_notice: null }),
    },
    actions: [
      ...(nickname === undefined ? [] : (['credential.renamed'] as const)),
      ...(isChanged ? (['credential.changed'] as const) : []),
    ],
  }
}
