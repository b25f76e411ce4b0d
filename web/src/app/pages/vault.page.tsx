import { VaultAccounts } from '../../features/vault/components/vault-accounts.tsx'
import { useDocumentTitle } from '../../lib/use-document-title.ts'

/** Where a member keeps the keys of their brokers. */
export function Page() {
  useDocumentTitle('Vault')
  return (
    <div className="grid gap-6">
      <header className="grid gap-2">
        <h1>Vault</h1>
        <p className="max-w-prose text-ink-soft">
          The keys of your brokers, sealed. Nobody is shown a stored key again, and every use of one is
          written down.
        </p>
      </header>
      <VaultAccounts />
    </div>
  )
}
