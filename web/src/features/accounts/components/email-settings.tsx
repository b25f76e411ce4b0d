import { useState } from 'react'
import { useMe } from '../../../lib/me.ts'
import { useSubmit } from '../../../lib/use-submit.ts'
import { Card } from '../../../ui/card.tsx'
import { Form } from '../../../ui/form.tsx'
import { Notice } from '../../../ui/notice.tsx'
import { askForEmailChange } from '../api/email-change.ts'
import { EmailField } from './email-field.tsx'

const FIELD_OF_CODE = { 'accounts.email_same': 'email' }

/** Asks for another address for the member's account; it changes once its link was followed. */
export function EmailSettings() {
  const me = useMe()
  const [email, setEmail] = useState('')
  const [asked, setAsked] = useState<string>()
  const submission = useSubmit({
    fields: ['email'],
    fieldOfCode: FIELD_OF_CODE,
    send: askForEmailChange,
    onDone(_answer, sent) {
      setEmail('')
      setAsked(sent)
    },
  })
  return (
    <Card title="Email address">
      <p className="break-words">
        Your account has the address <strong>{me.email}</strong>.
      </p>
      <Form
        submission={submission}
        action="Change the address"
        kind="secondary"
        className="max-w-lg"
        onSend={() => submission.send(email.trim())}
      >
        <EmailField
          label="New email address"
          hint="We send a link there. The address changes once you have opened it."
          error={submission.errorOf('email')}
          value={email}
          onChange={({ target }) => setEmail(target.value)}
        />
      </Form>
      {asked !== undefined && (
        <Notice kind="good" title="Look into your mail">
          <p className="break-words">
            A mail went to <strong>{asked}</strong>. Open its link within 10 minutes; until then your address
            stays as it is. We told your present address, too.
          </p>
        </Notice>
      )}
    </Card>
  )
}
