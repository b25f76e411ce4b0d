import { useState } from 'react'
import { useSubmit } from '../../../lib/use-submit.ts'
import { Button } from '../../../ui/button.tsx'
import { resetPassword } from '../api/password-reset.ts'
import { NewPasswordField } from './new-password-field.tsx'
import { Refusal } from './refusal.tsx'

interface NewPasswordFormProps {
  /** The token of the mailed link. */
  readonly token: string
  onDone(): void
}

/** Sets a new password for whoever has the mailed link. */
export function NewPasswordForm({ token, onDone }: NewPasswordFormProps) {
  const [password, setPassword] = useState('')
  const submission = useSubmit({
    send: (typed: string) => resetPassword(token, typed),
    onDone,
    fields: ['new_password'],
  })
  return (
    <form
      ref={submission.form}
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        submission.send(password)
      }}
    >
      <NewPasswordField
        label="New password"
        error={submission.errorOf('new_password')}
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      <Refusal {...submission} />
      <Button kind="primary" type="submit" isBusy={submission.isBusy}>
        Set the new password
      </Button>
    </form>
  )
}
