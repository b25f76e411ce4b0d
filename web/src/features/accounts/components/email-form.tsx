import { useState } from 'react'
import { useSubmit } from '../../../lib/use-submit.ts'
import { Button } from '../../../ui/button.tsx'
import { TextField } from '../../../ui/field.tsx'
import { Refusal } from './refusal.tsx'

interface EmailFormProps {
  send(email: string): Promise<unknown>
  onDone(email: string): void
  /** What the button says. */
  readonly action: string
}

/** Asks for the address of an account, to mail something there. */
export function EmailForm({ send, onDone, action }: EmailFormProps) {
  const [email, setEmail] = useState('')
  const submission = useSubmit({
    send,
    onDone: (_answer, sent: string) => onDone(sent),
    fields: ['email'],
  })
  return (
    <form
      ref={submission.form}
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        submission.send(email.trim())
      }}
    >
      <TextField
        label="Email address"
        error={submission.errorOf('email')}
        autoComplete="email"
        inputMode="email"
        autoCapitalize="none"
        spellCheck={false}
        required
        value={email}
        onChange={(event) => setEmail(event.target.value)}
      />
      <Refusal {...submission} />
      <Button kind="primary" type="submit" isBusy={submission.isBusy}>
        {action}
      </Button>
    </form>
  )
}
