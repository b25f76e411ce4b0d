import { useQueryClient } from '@tanstack/react-query'
import { useSubmit } from '../../../lib/use-submit.ts'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { showToast } from '../../../ui/toasts.tsx'
import { type Credential, deleteCredential } from '../api/credentials.ts'
import { hideCredential, useWriteToVault } from '../api/use-vault.ts'
import { credentialName } from '../credential-name.ts'
import { CredentialLabel } from './credential-label.tsx'

/** Asks before a credential is destroyed, which it names. */
export function DeleteCredentialDialog({
  credential,
  onClose,
}: {
  readonly credential: Credential
  onClose(): void
}) {
  const queries = useQueryClient()
  const write = useWriteToVault()
  const name = `“${credentialName(credential)}”`
  const submission = useSubmit({
    send: () => write(() => deleteCredential(credential)),
    onDone() {
      hideCredential(queries, credential.id)
      showToast(`${name} is deleted.`)
      onClose()
    },
  })
  return (
    <ConfirmDialog
      title={`Delete ${name}?`}
      action={`Delete ${name}`}
      isDangerous
      submission={submission}
      onConfirm={() => submission.send()}
      onClose={onClose}
    >
      <p>
        <CredentialLabel credential={credential} />{' '}
        <span className="text-sm text-ink-soft">key …{credential.key_hint}</span>
      </p>
      <p>Its key is destroyed at once and for good. Tokens that were made for it stop working.</p>
      <p className="text-ink-soft">
        At your broker the key stays valid until you delete it there. What was done with it you still find
        under “Deleted keys”.
      </p>
      {credential.environment === 'live' && (
        <p>It is a live key, so you may be asked to prove that it is you.</p>
      )}
    </ConfirmDialog>
  )
}
