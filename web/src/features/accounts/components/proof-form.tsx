import { KeyRound } from 'lucide-react'
import { useState } from 'react'
import { useMe } from '../../../lib/me.ts'
import { useSubmit } from '../../../lib/use-submit.ts'
import { Button } from '../../../ui/button.tsx'
import { Form } from '../../../ui/form.tsx'
import { PasswordField } from '../../../ui/password-field.tsx'
import { Refusal } from '../../../ui/refusal.tsx'
import { askForPasskey, knowsPasskeys } from '../api/ask-for-passkey.ts'
import { type Proof, reauthenticate } from '../api/reauthenticate.ts'
import { CodeField, type CodeKind, OtherCodeButton } from './code-field.tsx'

interface ProofFormProps {
  /** A password does not count. */
  readonly needsFactor: boolean
  onProven(): void
  onCancel(): void
}

/** Takes one proof: a code where there is an authenticator app, else a password, or a passkey in place of either. */
export function ProofForm({ needsFactor, onProven, onCancel }: ProofFormProps) {
  const { two_factor_enabled: hasApp } = useMe()
  const isTyped = hasApp || !needsFactor
  return (
    <div className="grid gap-4">
      {isTyped && <TypedProof kind={hasApp ? 'code' : 'password'} onProven={onProven} />}
      {knowsPasskeys() && <PasskeyProof isAlone={!isTyped} onProven={onProven} />}
      {!isTyped && !knowsPasskeys() && (
        <p>This takes a passkey, and this browser has none. Use one that has.</p>
      )}
      <Button kind="quiet" onClick={onCancel}>
        Leave it
      </Button>
    </div>
  )
}

function TypedProof({ kind, onProven }: { readonly kind: 'code' | 'password'; onProven(): void }) {
  const [typed, setTyped] = useState('')
  const [codeKind, setCodeKind] = useState<CodeKind>('app')
  const submission = useSubmit({ send: (proof: Proof) => reauthenticate(proof), onDone: onProven })
  const onChange = (event: { target: { value: string } }) => setTyped(event.target.value)
  return (
    <>
      <Form
        submission={submission}
        action="Confirm"
        isWide
        onSend={() =>
          submission.send(kind === 'code' ? { code: typed.replace(/\s/g, '') } : { password: typed })
        }
      >
        {kind === 'code' ? (
          <CodeField kind={codeKind} value={typed} onChange={onChange} />
        ) : (
          <PasswordField
            label="Password"
            autoComplete="current-password"
            required
            value={typed}
            onChange={onChange}
          />
        )}
      </Form>
      {kind === 'code' && (
        <OtherCodeButton
          kind={codeKind}
          onChange={(other) => {
            setCodeKind(other)
            setTyped('')
          }}
        />
      )}
    </>
  )
}

function PasskeyProof({ isAlone, onProven }: { readonly isAlone: boolean; onProven(): void }) {
  const submission = useSubmit({
    send: async () => reauthenticate({ passkey: await askForPasskey() }),
    onDone: onProven,
  })
  return (
    <div className="grid gap-3">
      <Refusal {...submission} />
      <Button
        kind={isAlone ? 'primary' : 'secondary'}
        isBusy={submission.isBusy}
        onClick={() => submission.send()}
      >
        <KeyRound size={18} aria-hidden="true" />
        Use a passkey
      </Button>
    </div>
  )
}
