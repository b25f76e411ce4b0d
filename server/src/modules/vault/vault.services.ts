import type { Idempotency } from '../../platform/idempotency/idempotency.ts'
import type { createDeleteAccount } from './accounts/delete-account.ts'
import type { TradingAccounts } from './accounts/trading-accounts.ts'
import type { ActiveCredentials } from './credentials/active-credential.ts'
import type { CredentialAudit } from './credentials/credential-audit.ts'
import type { createDestroyCredential } from './credentials/destroy-credential.ts'
import type { ReadCredentials } from './credentials/read-credentials.ts'
import type { createStoreCredential } from './credentials/store-credential.ts'
import type { createUpdateCredential } from './credentials/update-credential.ts'
import type { createValidateCredential } from './credentials/validate-credential.ts'

/** What the routes of this module use. */
export interface VaultServices {
  readonly tradingAccounts: TradingAccounts
  readonly deleteAccount: ReturnType<typeof createDeleteAccount>
  readonly credentials: ReadCredentials
  readonly activeCredential: ActiveCredentials
  readonly credentialAudit: CredentialAudit
  readonly storeCredential: ReturnType<typeof createStoreCredential>
  readonly updateCredential: ReturnType<typeof createUpdateCredential>
  readonly destroyCredential: ReturnType<typeof createDestroyCredential>
  readonly validateCredential: ReturnType<typeof createValidateCredential>
  /** Counts a new pair of a member where the route cannot. Throws the 429. */
  countNewPair(userId: string): Promise<void>
  /** Keeps the answer of a request that may be sent again, in the transaction of its effect. */
  readonly idempotency: Pick<Idempotency, 'complete'>
}
