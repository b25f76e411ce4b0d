import { useQueryClient } from '@tanstack/react-query'
import { Pencil } from 'lucide-react'
import { type RefObject, useEffect, useRef, useState } from 'react'
import { useSubmit } from '../../../lib/use-submit.ts'
import { Button, buttonClass } from '../../../ui/button.tsx'
import { TextField } from '../../../ui/field.tsx'
import { Form } from '../../../ui/form.tsx'
import { showToast } from '../../../ui/toasts.tsx'
import { type Credential, changeCredential } from '../api/credentials.ts'
import { showCredential, useWriteToVault } from '../api/use-vault.ts'
import { credentialName } from '../credential-name.ts'
import { CredentialLabel } from './credential-label.tsx'

const LONGEST = 255

/** The name of a credential, which can be changed where it stands. */
export function CredentialHeading({ credential }: { readonly credential: Credential }) {
  const [isRenaming, setRenaming] = useState(false)
  const pencil = useRef<HTMLButtonElement>(null)
  useFocusAfter(isRenaming, pencil)
  if (isRenaming) return <RenameForm credential={credential} onEnd={() => setRenaming(false)} />
  return (
    <div className="flex min-w-0 items-center gap-1">
      <h3 className="min-w-0">
        <CredentialLabel credential={credential} />
      </h3>
      <button
        ref={pencil}
        type="button"
        className={`${buttonClass('quiet', true)} shrink-0`}
        aria-label={`Rename ${credentialName(credential)}`}
        onClick={() => setRenaming(true)}
      >
        <Pencil size={16} aria-hidden="true" />
      </button>
    </div>
  )
}

function useFocusAfter(isRenaming: boolean, pencil: RefObject<HTMLButtonElement | null>): void {
  const wasRenaming = useRef(false)
  useEffect(() => {
    if (wasRenaming.current && !isRenaming) pencil.current?.focus()
    wasRenaming.current = isRenaming
  }, [isRenaming, pencil])
}

function RenameForm({ credential, onEnd }: { readonly credential: Credential; onEnd(): void }) {
  const { nickname, credential_type } = credential
  const [name, setName] = useState(nickname === credential_type ? '' : nickname)
  const queries = useQueryClient()
  const write = useWriteToVault()
  const submission = useSubmit({
    fields: ['nickname'],
    send: (next: string) => write(() => changeCredential(credential, { nickname: next })),
    onDone(changed) {
      showCredential(queries, changed)
      showToast(`It is called “${credentialName(changed)}” now.`)
      onEnd()
    },
  })
  const { form } = submission
  useEffect(() => form.current?.querySelector('input')?.select(), [form])
  return (
    <Form
      submission={submission}
      action="Save the name"
      beside={<Button onClick={onEnd}>Cancel</Button>}
      onSend={() => submission.send(name.trim())}
      onKeyDown={(event) => event.key === 'Escape' && onEnd()}
    >
      <TextField
        label="Name"
        hint="Leave it empty to call it after its type and the day it was added."
        name="nickname"
        maxLength={LONGEST}
        autoComplete="off"
        value={name}
        onChange={(event) => setName(event.target.value)}
        error={submission.errorOf('nickname')}
      />
    </Form>
  )
}
