import { useState } from 'react'
import { useSubmit } from '../../../lib/use-submit.ts'
import { TextField } from '../../../ui/field.tsx'
import { Form } from '../../../ui/form.tsx'
import type { Joining } from '../api/joining.ts'
import { EmailField } from './email-field.tsx'
import { NewPasswordField } from './new-password-field.tsx'

interface AccountFormProps {
  /** Makes the account. */
  send(joining: Joining): Promise<unknown>
  onDone(joining: Joining): void
  /** What the button says. */
  readonly action: string
}

const FIELDS = ['username', 'email', 'password']
const FIELD_OF_CODE = { 'accounts.username_taken': 'username', 'accounts.email_taken': 'email' }

/** Asks for what an account begins with. */
export function AccountForm({ send, onDone, action }: AccountFormProps) {
  const [username, setUsername] = useState('')
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const submission = useSubmit({
    send,
    onDone: (_made, joining: Joining) => onDone(joining),
    fields: FIELDS,
    fieldOfCode: FIELD_OF_CODE,
  })
  return (
    <Form
      {...{ submission, action }}
      isWide
      onSend={() => submission.send({ username: username.trim(), email: email.trim(), password })}
    >
      <TextField
        label="Username"
        hint="3 to 50 letters, digits, _ or -. Everyone can see it."
        error={submission.errorOf('username')}
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
        maxLength={50}
        value={username}
        onChange={(event) => setUsername(event.target.value)}
      />
      <EmailField
        hint="Only you and the people who run this site see it."
        error={submission.errorOf('email')}
        value={email}
        onChange={(event) => setEmail(event.target.value)}
      />
      <NewPasswordField
        error={submission.errorOf('password')}
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
    </Form>
  )
}
