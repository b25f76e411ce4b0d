import { useState } from 'react'
import { useMe } from '../../../lib/me.ts'
import { useSubmit } from '../../../lib/use-submit.ts'
import { Card } from '../../../ui/card.tsx'
import { TextField } from '../../../ui/field.tsx'
import { Form } from '../../../ui/form.tsx'
import { deleteOwnAccount } from '../api/profile.ts'

/** Deletes the member's own account, once they have typed its name. */
export function DeleteOwnAccount() {
  const me = useMe()
  const [name, setName] = useState('')
  const [isWrong, setWrong] = useState(false)
  const submission = useSubmit({
    send: () => deleteOwnAccount(me.id),
    onDone: () => location.assign('/'),
  })
  return (
    <Card title={`Delete @${me.username} for good`}>
      <p>
        You cannot sign in again, every session and token ends, and every broker key in your vault is
        destroyed. This cannot be undone. Your keys stay valid at the broker: switch them off there.
      </p>
      <Form
        submission={submission}
        action="Delete my account"
        kind="danger"
        onSend={() => {
          const isRight = name.trim() === me.username
          setWrong(!isRight)
          if (isRight) submission.send()
        }}
      >
        <TextField
          label={`Type ${me.username} to go on`}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          required
          value={name}
          error={isWrong ? `That is not the name. Type ${me.username}.` : undefined}
          onChange={({ target }) => setName(target.value)}
        />
      </Form>
    </Card>
  )
}
