import { useState } from 'react'
import { ApiProblem } from '../../../lib/problem.ts'
import { useSubmit } from '../../../lib/use-submit.ts'
import { TextField } from '../../../ui/field.tsx'
import { Form } from '../../../ui/form.tsx'
import { Notice } from '../../../ui/notice.tsx'
import { PasswordField } from '../../../ui/password-field.tsx'
import { type NameAndPassword, type SecondStep, signInWithPassword } from '../api/sign-in.ts'
import { PasskeyButton } from './passkey-button.tsx'

interface PasswordStepProps {
  /** Why it begins again, when it does. */
  readonly note: string | undefined
  /** Reads who has signed in. */
  finish(): Promise<unknown>
  onSecondStep(step: SecondStep): void
}

/** From the fifth wrong password on the server makes the account wait, and says nothing of it. */
const WRONG_BEFORE_HINT = 3

/** Asks for a name and a password, or for a passkey. */
export function PasswordStep({ note, finish, onSecondStep }: PasswordStepProps) {
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [wrongCount, setWrongCount] = useState(0)
  const submission = useSubmit({
    async send(typed: NameAndPassword) {
      const step = await signInWithPassword(typed).catch((error: unknown) => {
        if (error instanceof ApiProblem && error.status === 401) setWrongCount((count) => count + 1)
        throw error
      })
      if (step === undefined) await finish()
      return step
    },
    onDone(step) {
      setPassword('')
      if (step !== undefined) onSecondStep(step)
    },
  })
  return (
    <div className="grid gap-6">
      {note !== undefined && <Notice kind="warning">{note}</Notice>}
      <Form
        submission={submission}
        action="Sign in"
        isWide
        onSend={() => submission.send({ name: name.trim(), password })}
      >
        <TextField
          label="Username or email address"
          name="username"
          autoComplete="username webauthn"
          autoCapitalize="none"
          spellCheck={false}
          required
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <PasswordField
          label="Password"
          name="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        {wrongCount >= WRONG_BEFORE_HINT && <LockHint />}
      </Form>
      <PasskeyButton finish={finish} />
    </div>
  )
}

function LockHint() {
  return (
    <p className="text-sm text-ink-soft">
      After several wrong passwords an account takes none for a while, not even the right one: for seconds at
      first, later for 15 minutes. If you are sure of your password, wait that long. Otherwise set a new one.
    </p>
  )
}
