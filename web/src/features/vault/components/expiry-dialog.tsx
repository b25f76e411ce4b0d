import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { formatDay } from '../../../lib/format.ts'
import { useSubmit } from '../../../lib/use-submit.ts'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { TextField } from '../../../ui/field.tsx'
import { Form } from '../../../ui/form.tsx'
import { showToast } from '../../../ui/toasts.tsx'
import { type Credential, changeCredential } from '../api/credentials.ts'
import { showCredential, useWriteToVault } from '../api/use-vault.ts'
import { credentialName } from '../credential-name.ts'
import { dayOf, endOfDay } from '../expiry-day.ts'

/** Sets the last day on which a credential may be used. */
export function ExpiryDialog({ credential, onClose }: { readonly credential: Credential; onClose(): void }) {
  const [day, setDay] = useState(dayOf(credential.expires_at))
  const queries = useQueryClient()
  const write = useWriteToVault()
  const name = `“${credentialName(credential)}”`
  const submission = useSubmit({
    fields: ['expires_at'],
    send: (expires_at: string | null) => write(() => changeCredential(credential, { expires_at })),
    onDone(changed) {
      showCredential(queries, changed)
      const { expires_at } = changed
      showToast(
        expires_at === null ? `${name} never expires.` : `${name} expires on ${formatDay(expires_at)}.`,
      )
      onClose()
    },
  })
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`When ${name} expires`}
      description="After that it is not used any more. You are told by mail before it expires."
    >
      <Form
        submission={submission}
        action="Save"
        beside={
          <>
            <Button onClick={() => setDay('')}>Clear the day</Button>
            <Button onClick={onClose}>Cancel</Button>
          </>
        }
        onSend={() => submission.send(endOfDay(day))}
      >
        <TextField
          label="Last day of use"
          hint="It ends with this day in your time zone. Leave it empty to let it never expire."
          type="date"
          name="expires_at"
          min={dayOf(new Date().toISOString())}
          value={day}
          onChange={(event) => setDay(event.target.value)}
          error={submission.errorOf('expires_at')}
        />
      </Form>
    </Dialog>
  )
}
