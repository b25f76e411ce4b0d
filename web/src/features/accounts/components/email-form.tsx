import { useState } from 'react'
import { useSubmit } from '../../../lib/use-submit.ts'
import { Form } from '../../../ui/form.tsx'
import { EmailField } from './email-field.tsx'

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
    <Form {...{ submission, action }} isWide onSend={() => submission.send(email.trim())}>
      <EmailField
        error={submission.errorOf('email')}
        value={email}
        onChange={(event) => setEmail(event.target.value)}
      />
    </Form>
  )
}
