export { vaultMigrations } from './migrations/vault.migrations.ts'
export { isBrokerTarget } from './process/broker-target.ts'
export { prepareVaultKeys, readVaultKeyRing, type VaultKeyRing } from './process/vault-key-ring.ts'
export { createVaultLink, type FindVault } from './process/vault-link.ts'
export { createVaultServer } from './process/vault-server.ts'
export type { CredentialProvider, KeyPair, ProviderAnswer } from './provider.ts'
export { vaultErrors } from './vault.errors.ts'
export { vaultTables } from './vault.tables.ts'
export {
  type BrokerAnswer,
  type BrokerRequest,
  createVaultClient,
  type SealResult,
  type VaultClient,
} from './vault-client.ts'
