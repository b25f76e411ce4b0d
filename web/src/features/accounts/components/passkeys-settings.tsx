import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { formatInstant } from '../../../lib/format.ts'
import { useSubmit } from '../../../lib/use-submit.ts'
import { Badge } from '../../../ui/badge.tsx'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { TextField } from '../../../ui/field.tsx'
import { Form } from '../../../ui/form.tsx'
import { showToast } from '../../../ui/toasts.tsx'
import { knowsPasskeys } from '../api/ask-for-passkey.ts'
import { addPasskey, type Passkey, passkeysQuery, removePasskey } from '../api/security.ts'
import { ProtectedList } from './protected-list.tsx'

/** The member's passkeys: adding and removing them. */
export function PasskeysSettings() {
  return (
    <Card title="Passkeys">
      <p className="text-ink-soft">
        A passkey is kept by your device or your password manager. It cannot be guessed, and no false page can
        get it out of you.
      </p>
      <ProtectedList query={passkeysQuery} what="your passkeys">
        {({ items }) => (
          <>
            {items.length === 0 && <p>You have no passkey yet.</p>}
            <ul className="grid gap-3 empty:hidden">
              {items.map((passkey) => (
                <PasskeyItem key={passkey.id} passkey={passkey} />
              ))}
            </ul>
            {knowsPasskeys() ? <AddPasskey /> : <p>This browser does not know passkeys.</p>}
          </>
        )}
      </ProtectedList>
    </Card>
  )
}

function PasskeyItem({ passkey }: { readonly passkey: Passkey }) {
  const { id, name, created_at, last_used_at, is_flagged } = passkey
  const [isAsking, setAsking] = useState(false)
  const queries = useQueryClient()
  const submission = useSubmit({
    send: () => removePasskey(id),
    onDone() {
      showToast(`“${name}” is removed.`)
      void queries.invalidateQueries({ queryKey: passkeysQuery.queryKey })
    },
  })
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1">
      <div className="min-w-0 grow">
        <p className="font-semibold">
          {name} {is_flagged && <Badge tone="danger">May have been copied</Badge>}
        </p>
        <p className="text-sm text-ink-soft">
          Added {formatInstant(created_at)},{' '}
          {last_used_at === null ? 'never used' : `last used ${formatInstant(last_used_at)}`}.
        </p>
      </div>
      <Button isSmall aria-label={`Remove ${name}`} onClick={() => setAsking(true)}>
        Remove
      </Button>
      {isAsking && (
        <ConfirmDialog
          title={`Remove “${name}”?`}
          action="Remove the passkey"
          isDangerous
          submission={submission}
          onConfirm={() => submission.send()}
          onClose={() => setAsking(false)}
        >
          You cannot sign in with it any more. Delete it on the device too, or it will go on being offered
          there.
        </ConfirmDialog>
      )}
    </li>
  )
}

function AddPasskey() {
  const [name, setName] = useState('')
  const queries = useQueryClient()
  const submission = useSubmit({
    fields: ['name'],
    send: () => addPasskey(name.trim()),
    onDone() {
      setName('')
      showToast('The passkey is added.')
      void queries.invalidateQueries({ queryKey: passkeysQuery.queryKey })
    },
  })
  return (
    <Form
      submission={submission}
      action="Add a passkey"
      className="max-w-lg"
      onSend={() => submission.send()}
    >
      <TextField
        label="Name of the new passkey"
        hint="For you to tell it apart, such as the device it is on."
        required
        maxLength={64}
        autoComplete="off"
        value={name}
        error={submission.errorOf('name')}
        onChange={({ target }) => setName(target.value)}
      />
    </Form>
  )
}
