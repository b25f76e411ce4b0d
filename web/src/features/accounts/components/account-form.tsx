import { useState } from 'react'
import { useSubmit } from '../../../lib/use-submit.ts'
import { Button } from '../../../ui/button.tsx'
import { TextField } from '../../../ui/field.tsx'
import type { Joining } from '../api/joining.ts'
import { NewPasswordField } from './new-password-field.tsx'
import { Refusal } from './refusal.tsx'

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
    <form
      ref={submission.form}
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        submission.send({ username: username.trim(), email: email.trim(), password })
      }}
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
      <TextField
        label="Email address"
        hint="Only you and the people who run this site see it."
        error={submission.errorOf('email')}
        autoComplete="email"
        inputMode="email"
        autoCapitalize="none"
        spellCheck={false}
        required
        value={email}
        onChange={(event) => setEmail(event.target.value)}
      />
      <NewPasswordField
        error={submission.errorOf('password')}
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      <Refusal {...submission} />
      <Button kind="primary" type="submit" isBusy={submission.isBusy}>
        {action}
      </Button>
    </form>
  )
}
