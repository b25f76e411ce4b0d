import { useState } from 'react'
import { useMe } from '../../../lib/me.ts'
import { useSubmit } from '../../../lib/use-submit.ts'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { TextField } from '../../../ui/field.tsx'
import { deleteOwnAccount } from '../api/profile.ts'
import { Refusal } from './refusal.tsx'

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
      <form
        ref={submission.form}
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          const isRight = name.trim() === me.username
          setWrong(!isRight)
          if (isRight) submission.send(undefined)
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
        <Refusal {...submission} />
        <div>
          <Button type="submit" kind="danger" isBusy={submission.isBusy}>
            Delete my account
          </Button>
        </div>
      </form>
    </Card>
  )
}
