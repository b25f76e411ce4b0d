import type { Audit } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Db, Tx } from '../../../platform/db/index.ts'
import { accountsErrors } from '../accounts.errors.ts'
import { type Asking, askedBySelf } from '../asking.ts'
import type { Notify } from '../notices.ts'
import { holdMember } from '../sessions/hold-member.ts'
import { deleteRecoveryCodesOf, insertRecoveryCode } from './recovery-code.store.ts'
import { createRecoveryCodes, digestRecoveryCode } from './recovery-codes.ts'

export interface BackupCodesOptions {
  readonly db: Db
  readonly clock: Clock
  readonly newId: () => string
  readonly audit: Audit
  readonly notify: Notify
}

export interface BackupCodes {
  /** Makes the codes that stand in for a member's app, in place of all that there are. The transaction holds the member. */
  replace(tx: Tx, userId: string): Promise<readonly string[]>
  /** The same for a member whose codes are in use, and tells them. Throws `accounts.two_factor_off`. */
  renew(asking: Asking): Promise<readonly string[]>
}

/** Backup codes: shown once, kept as digests, each good once (C17). */
export function createBackupCodes({ db, clock, newId, audit, notify }: BackupCodesOptions): BackupCodes {
  const replace: BackupCodes['replace'] = async (tx, userId) => {
    const codes = createRecoveryCodes()
    const created_at = clock.now()
    await deleteRecoveryCodesOf(tx, userId)
    const rows = codes.map((code) => {
      const code_hash = digestRecoveryCode(code)
      if (!code_hash) throw new Error('A backup code was made that nobody could use.')
      return { id: newId(), user_id: userId, created_at, code_hash }
    })
    await Promise.all(rows.map((row) => insertRecoveryCode(tx, row)))
    return codes
  }
  return {
    replace,
    async renew(asking) {
      const codes = await db.withSystem(async (tx) => {
        const user = await holdMember(tx, asking.actor, clock.now())
        if (!user) throw accountsErrors.refreshInvalid()
        if (!user.two_factor_enabled) return undefined
        const renewed = await replace(tx, user.id)
        await notify(tx, user, { kind: 'backupCodesRenewed', facts: asking.client })
        await audit.record(tx, {
          action: 'two_factor.backup_codes_renewed',
          result: 'ok',
          ...askedBySelf(asking),
        })
        return renewed
      })
      if (!codes) throw accountsErrors.twoFactorOff()
      return codes
    },
  }
}
