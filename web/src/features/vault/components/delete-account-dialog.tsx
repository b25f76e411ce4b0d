import { useQueryClient } from '@tanstack/react-query'
import { useSubmit } from '../../../lib/use-submit.ts'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { showToast } from '../../../ui/toasts.tsx'
import { deleteAccount } from '../api/accounts.ts'
import { hideAccount, useWriteToVault, type VaultGroup } from '../api/use-vault.ts'
import { CredentialLabel } from './credential-label.tsx'

/** Asks before an account is deleted with everything in it, which it names. */
export function DeleteAccountDialog({ group, onClose }: { readonly group: VaultGroup; onClose(): void }) {
  const { account, credentials } = group
  const queries = useQueryClient()
  const write = useWriteToVault()
  const name = `“${account.account_name}”`
  const submission = useSubmit({
    send: () => write(() => deleteAccount(account.id)),
    onDone() {
      onClose()
      hideAccount(queries, account.id)
      showToast(`The account ${name} is deleted.`)
    },
  })
  const isLive = credentials.some(({ environment }) => environment === 'live')
  return (
    <ConfirmDialog
      title={`Delete the account ${name}?`}
      action={`Delete ${name}`}
      isDangerous
      submission={submission}
      onConfirm={() => submission.send()}
      onClose={onClose}
    >
      {credentials.length === 0 ? (
        <p>There is no key in it.</p>
      ) : (
        <>
          <p>These keys are destroyed with it, at once and for good:</p>
          <ul className="grid gap-2">
            {credentials.map((credential) => (
              <li key={credential.id}>
                <CredentialLabel credential={credential} />{' '}
                <span className="text-sm text-ink-soft">key …{credential.key_hint}</span>
              </li>
            ))}
          </ul>
          <p className="text-ink-soft">At your broker the keys stay valid until you delete them there.</p>
        </>
      )}
      <p className="text-ink-soft">
        What was done with its keys, also with those deleted before, you can no longer see afterwards.
      </p>
      {isLive && <p>Because a live key is among them, you may be asked to prove that it is you.</p>}
    </ConfirmDialog>
  )
}
