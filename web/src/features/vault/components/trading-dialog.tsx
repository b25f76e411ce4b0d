import { useQueryClient } from '@tanstack/react-query'
import { useSubmit } from '../../../lib/use-submit.ts'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { showToast } from '../../../ui/toasts.tsx'
import { type Credential, changeCredential } from '../api/credentials.ts'
import { showCredential, useWriteToVault } from '../api/use-vault.ts'
import { credentialName } from '../credential-name.ts'
import { CredentialLabel } from './credential-label.tsx'

/** Asks before programs may place real orders with a live credential. */
export function TradingDialog({ credential, onClose }: { readonly credential: Credential; onClose(): void }) {
  const queries = useQueryClient()
  const write = useWriteToVault()
  const name = `“${credentialName(credential)}”`
  const submission = useSubmit({
    send: () => write(() => changeCredential(credential, { is_trading_enabled: true })),
    onDone(changed) {
      showCredential(queries, changed)
      showToast(`Tokens may now trade with ${name}.`)
      onClose()
    },
  })
  return (
    <ConfirmDialog
      title={`Let tokens trade with ${name}?`}
      action="Let tokens trade"
      submission={submission}
      onConfirm={() => submission.send()}
      onClose={onClose}
    >
      <p>
        <CredentialLabel credential={credential} />
      </p>
      <p>
        A program that holds one of your personal access tokens of scope “broker:trade” may then place, change
        and cancel orders with this key. It is a live key: these orders cost real money.
      </p>
      <p>Without this, tokens can only read with it. You can take it back here at any time.</p>
      <p className="text-ink-soft">You may be asked to prove that it is you.</p>
    </ConfirmDialog>
  )
}
