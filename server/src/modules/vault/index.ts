import type { Config } from '../../config/config.ts'
import type { Audit } from '../../platform/audit/audit.ts'
import type { Clock } from '../../platform/clock.ts'
import type { SignedCursors } from '../../platform/crypto/signed-cursor.ts'
import type { Db } from '../../platform/db/index.ts'
import { addressGroup } from '../../platform/http/client-address.ts'
import type { RateLimitStore } from '../../platform/http/rate-limit.ts'
import { RateLimits } from '../../platform/http/rate-limits.ts'
import type { Idempotency } from '../../platform/idempotency/idempotency.ts'
import type { Events } from '../../platform/jobs/events.ts'
import type { Jobs } from '../../platform/jobs/jobs.ts'
import type { Logger } from '../../platform/log/logger.ts'
import { createReadPage } from '../../platform/paging/read-page.ts'
import type { Signals } from '../../platform/signals/signals.ts'
import type { Accounts } from '../accounts/index.ts'
import { createDeleteAccount } from './accounts/delete-account.ts'
import { createTradingAccounts } from './accounts/trading-accounts.ts'
import { createVaultWork } from './acting.ts'
import { createActiveCredential } from './credentials/active-credential.ts'
import { createCredentialAudit } from './credentials/credential-audit.ts'
import { createCredentialChanges } from './credentials/credential-changes.ts'
import { createDestroyCredential } from './credentials/destroy-credential.ts'
import { createProvePair } from './credentials/prove-pair.ts'
import { createProviderRegistry } from './credentials/providers.ts'
import { createReadCredentials } from './credentials/read-credentials.ts'
import { createStoreCredential } from './credentials/store-credential.ts'
import { tellOwners } from './credentials/tell-owners.ts'
import { createUpdateCredential } from './credentials/update-credential.ts'
import { createValidateCredential } from './credentials/validate-credential.ts'
import { watchAddresses } from './credentials/watch-addresses.ts'
import { forgetDeletedMembers } from './forget-member.ts'
import type { CredentialProvider } from './provider.ts'
import { newPairLimit } from './routes/limits.ts'
import { vaultRoutes } from './routes/vault.routes.ts'
import { isBrokerUnreachable, mayBeDone, vaultErrors, vaultLost } from './vault.errors.ts'
import type { VaultServices } from './vault.services.ts'
import type { VaultClient } from './vault-client.ts'

export type { CredentialFacts } from './credentials/read-credentials.ts'
export { vaultMigrations } from './migrations/vault.migrations.ts'
export { isBrokerTarget, isReading } from './protocol/broker-target.ts'
export type { CredentialProvider, KeyPair, ProviderAnswer } from './provider.ts'
export { secretUseLimit } from './routes/limits.ts'
export { credentialExpiring } from './vault.events.ts'
export { vaultTables } from './vault.tables.ts'
export {
  type BrokerAnswer,
  type BrokerRequest,
  createVaultClient,
  type VaultClient,
} from './vault-client.ts'
export { createVaultLink, type FindVault } from './vault-link.ts'
export { createVaultSupervisor, type VaultSupervisor } from './vault-supervisor.ts'
export { isBrokerUnreachable, mayBeDone, vaultErrors, vaultLost }

/** What this module is built from. */
export interface VaultDependencies {
  readonly config: Pick<Config, 'rateLimits'>
  readonly db: Db
  readonly clock: Clock
  readonly newId: () => string
  readonly cursors: SignedCursors
  readonly audit: Audit
  readonly events: Events
  readonly jobs: Pick<Jobs, 'enqueue' | 'handle' | 'repeat'>
  readonly log: Pick<Logger, 'warn'>
  readonly signals: Signals
  readonly idempotency: Pick<Idempotency, 'complete'>
  /** Counts that all processes share. */
  readonly sharedRateLimits: RateLimitStore
  readonly accounts: Pick<Accounts, 'holdMember' | 'notifyMember'>
  /** Every type of credential there is. */
  readonly providers: readonly CredentialProvider[]
  /** The vault process. */
  readonly client: VaultClient
}

/**
 * Members' trading accounts and broker credentials, as the server sees them: it keeps and hands on what the vault process
 * has sealed, and never opens it.
 */
export function createVault(dependencies: VaultDependencies) {
  const { config, cursors, sharedRateLimits } = dependencies
  const { holdMember, notifyMember } = dependencies.accounts
  const watching = { ...dependencies, notifyMember, groupOf: addressGroup }
  const client = watchAddresses(dependencies.client, watching)
  const work = createVaultWork({ ...dependencies, notifyMember, holdMember })
  const providers = createProviderRegistry(dependencies.providers)
  const readPage = createReadPage(cursors, vaultErrors.cursorInvalid)
  const provePair = createProvePair(client, providers)
  const limits = new RateLimits({ enabled: config.rateLimits, sharedStore: sharedRateLimits })
  const changes = createCredentialChanges(dependencies)
  const shared = { ...dependencies, client, notifyMember, work, providers, readPage, provePair, changes }
  const credentials = createReadCredentials(shared)
  const services: VaultServices = {
    tradingAccounts: createTradingAccounts(shared),
    deleteAccount: createDeleteAccount(shared),
    credentials,
    activeCredential: createActiveCredential(shared),
    credentialAudit: createCredentialAudit({ ...shared, credentials }),
    storeCredential: createStoreCredential(shared),
    updateCredential: createUpdateCredential(shared),
    destroyCredential: createDestroyCredential(shared),
    validateCredential: createValidateCredential(shared),
    countNewPair: (userId) => limits.takeFor(userId, newPairLimit),
    idempotency: dependencies.idempotency,
  }
  tellOwners(dependencies.jobs, shared)
  forgetDeletedMembers(shared)
  return {
    routes: vaultRoutes(services),
    /** What is known of a credential of this owner; `undefined` when there is none, as for one of somebody else. */
    findCredentialOf: credentials.findCredentialOf,
    /** Calls back with each change of a credential that its owner sees, on any node; see `CredentialChanges`. */
    onCredentialChanged: changes.onChanged,
    /** The vault process, for uses; their owners are told of new addresses. */
    client,
  }
}

export type Vault = ReturnType<typeof createVault>
