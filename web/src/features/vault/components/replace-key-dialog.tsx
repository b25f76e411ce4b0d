import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useSubmit } from '../../../lib/use-submit.ts'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { Form } from '../../../ui/form.tsx'
import { showToast } from '../../../ui/toasts.tsx'
import { type Credential, replaceKey } from '../api/credentials.ts'
import { showCredential, useWriteToVault } from '../api/use-vault.ts'
import { credentialName } from '../credential-name.ts'
import { replacedText } from '../outcome-text.ts'
import type { KeyPair } from '../pasted-pair.ts'
import { CredentialLabel } from './credential-label.tsx'
import { noPair, PairFields, trimmedPair } from './pair-fields.tsx'

interface ReplaceKeyDialogProps {
  readonly credential: Credential
  onClose(): void
}

/** Takes a new pair for a credential; the old one stays in use until the broker has accepted the new. */
export function ReplaceKeyDialog({ credential, onClose }: ReplaceKeyDialogProps) {
  const [pair, setPair] = useState(noPair)
  const queries = useQueryClient()
  const write = useWriteToVault()
  const submission = useSubmit({
    fields: ['api_key', 'secret_key'],
    send: (next: KeyPair) => write(() => replaceKey(credential, next)),
    onDone(changed) {
      showCredential(queries, changed)
      showToast(replacedText(changed.last_validation))
      onClose()
    },
  })
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`Replace the key of “${credentialName(credential)}”`}
      description="The new key is tried at the broker first. Until the broker accepts it, the old one stays in use."
    >
      <p>
        <CredentialLabel credential={credential} />{' '}
        <span className="text-sm text-ink-soft">key …{credential.key_hint}</span>
      </p>
      <Form
        submission={submission}
        action={submission.isBusy ? 'Trying it at the broker …' : 'Test and replace'}
        beside={<Button onClick={onClose}>Cancel</Button>}
        autoComplete="off"
        onSend={() => submission.send(trimmedPair(pair))}
      >
        <PairFields pair={pair} onChange={setPair} errorOf={submission.errorOf} />
      </Form>
    </Dialog>
  )
}
