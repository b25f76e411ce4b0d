import { useState } from 'react'
import { useSubmit } from '../../../lib/use-submit.ts'
import { Form } from '../../../ui/form.tsx'
import { resetPassword } from '../api/password-reset.ts'
import { NewPasswordField } from './new-password-field.tsx'

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
    <Form
      submission={submission}
      action="Set the new password"
      isWide
      onSend={() => submission.send(password)}
    >
      <NewPasswordField
        label="New password"
        error={submission.errorOf('new_password')}
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
    </Form>
  )
}
