import { OrdersTable } from '../../features/brokers/components/orders-table.tsx'
import { credentialNameInText } from '../../features/vault/credential-name.ts'
import { useDocumentTitle } from '../../lib/use-document-title.ts'
import { DeskCredential } from './desk-credential.tsx'

/** What was ordered with the chosen credential. */
export function Page() {
  useDocumentTitle('Orders')
  return (
    <DeskCredential title="Orders">
      {(credential) => (
        <OrdersTable
          key={credential.id}
          credentialId={credential.id}
          credentialName={credentialNameInText(credential)}
        />
      )}
    </DeskCredential>
  )
}
