import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { useSubmit } from '../../../lib/use-submit.ts'
import { Button } from '../../../ui/button.tsx'
import { Form } from '../../../ui/form.tsx'
import { type SecondStep, signInWithCode } from '../api/sign-in.ts'
import { CodeField, type CodeKind, OtherCodeButton } from './code-field.tsx'

interface CodeStepProps {
  readonly step: SecondStep
  /** Reads who has signed in. */
  finish(): Promise<unknown>
  /** Back to the password; with the reason, where it was not the member's wish. */
  onStartAgain(why?: string): void
}

const TOO_LATE = 'That took too long, so the first step is no longer good. Sign in again.'

/** Asks for a code of the authenticator app, or for a backup code. */
export function CodeStep({ step, finish, onStartAgain }: CodeStepProps) {
  const [kind, setKind] = useState<CodeKind>('app')
  const [code, setCode] = useState('')
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.focus(), [])
  useExpiry(step.expiresInSeconds, () => onStartAgain(TOO_LATE))
  const submission = useSubmit({
    async send(typed: string) {
      await signInWithCode(step.token, typed)
      await finish()
    },
  })
  const change = (next: CodeKind) => {
    setKind(next)
    setCode('')
    submission.reset()
    field.current?.focus()
  }
  return (
    <div className="grid gap-4">
      <p>Your password is right. One more step proves that it is you.</p>
      <Form submission={submission} action="Sign in" isWide onSend={() => submission.send(code)}>
        <CodeField kind={kind} ref={field} value={code} onChange={(event) => setCode(event.target.value)} />
      </Form>
      <div className="flex flex-wrap justify-between gap-2">
        <OtherCodeButton kind={kind} onChange={change} />
        <Button kind="quiet" isSmall onClick={() => onStartAgain()}>
          Start again
        </Button>
      </div>
    </div>
  )
}

function useExpiry(seconds: number, onExpired: () => void): void {
  const expire = useEffectEvent(onExpired)
  useEffect(() => {
    const timer = setTimeout(() => expire(), seconds * 1_000)
    return () => clearTimeout(timer)
  }, [seconds])
}
