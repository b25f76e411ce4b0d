import { PositionsTable } from '../../features/brokers/components/positions-table.tsx'
import { credentialNameInText } from '../../features/vault/credential-name.ts'
import { useDocumentTitle } from '../../lib/use-document-title.ts'
import { DeskCredential } from './desk-credential.tsx'

/** What is held with the chosen credential. */
export function Page() {
  useDocumentTitle('Positions')
  return (
    <DeskCredential title="Positions">
      {(credential) => (
        <PositionsTable
          key={credential.id}
          credentialId={credential.id}
          credentialName={credentialNameInText(credential)}
        />
      )}
    </DeskCredential>
  )
}
