import { AccountFigures } from '../../features/brokers/components/account-figures.tsx'
import { EquityCurve } from '../../features/brokers/components/equity-curve.tsx'
import { useDocumentTitle } from '../../lib/use-document-title.ts'
import { DeskCredential } from './desk-credential.tsx'
import { NeedsAttention } from './needs-attention.tsx'

/** A member's desk: the chosen credential's figures, and what needs looking after. */
export function Page() {
  useDocumentTitle('Desk')
  return (
    <div className="grid gap-6">
      <DeskCredential title="Your desk">
        {({ id }) => (
          <div key={id} className="grid gap-6">
            <AccountFigures credentialId={id} />
            <EquityCurve credentialId={id} />
          </div>
        )}
      </DeskCredential>
      <NeedsAttention />
    </div>
  )
}
