import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useMe } from '../../../lib/me.ts'
import { useSubmit } from '../../../lib/use-submit.ts'
import { Card } from '../../../ui/card.tsx'
import { Form } from '../../../ui/form.tsx'
import { PasswordField } from '../../../ui/password-field.tsx'
import { showToast } from '../../../ui/toasts.tsx'
import { changePassword, sessionsQuery } from '../api/security.ts'
import { NewPasswordField } from './new-password-field.tsx'

const FIELDS = ['current_password', 'new_password']
const FIELD_OF_CODE = { 'accounts.password_wrong': 'current_password' }

/** Changes the member's password, which ends their other sessions. */
export function PasswordSettings() {
  const me = useMe()
  const queries = useQueryClient()
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const submission = useSubmit({
    fields: FIELDS,
    fieldOfCode: FIELD_OF_CODE,
    send: () => changePassword(current, next),
    onDone() {
      setCurrent('')
      setNext('')
      showToast('Your password is changed, and your other sessions have ended.')
      void queries.invalidateQueries({ queryKey: sessionsQuery.queryKey })
    },
  })
  return (
    <Card title="Password">
      <Form
        submission={submission}
        action="Change the password"
        kind="secondary"
        className="max-w-lg"
        onSend={() => submission.send()}
      >
        <input type="text" hidden readOnly autoComplete="username" value={me.username} />
        <PasswordField
          label="Password now"
          autoComplete="current-password"
          required
          value={current}
          error={submission.errorOf('current_password')}
          onChange={({ target }) => setCurrent(target.value)}
        />
        <NewPasswordField
          label="New password"
          value={next}
          error={submission.errorOf('new_password')}
          onChange={({ target }) => setNext(target.value)}
        />
      </Form>
    </Card>
  )
}
