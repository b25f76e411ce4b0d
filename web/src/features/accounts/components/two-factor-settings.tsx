import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { meQuery, useMe } from '../../../lib/me.ts'
import { useSubmit } from '../../../lib/use-submit.ts'
import { Badge } from '../../../ui/badge.tsx'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { Form } from '../../../ui/form.tsx'
import { PasswordField } from '../../../ui/password-field.tsx'
import { Refusal } from '../../../ui/refusal.tsx'
import { showToast } from '../../../ui/toasts.tsx'
import { beginTwoFactor, disableTwoFactor, renewBackupCodes, type TwoFactorSetup } from '../api/security.ts'
import { BackupCodes } from './backup-codes.tsx'
import { CodeField } from './code-field.tsx'
import { TwoFactorStart } from './two-factor-start.tsx'

/** Signing in with a code beside the password: begins it, renews its backup codes, ends it. */
export function TwoFactorSettings() {
  const { two_factor_enabled: isOn } = useMe()
  return (
    <Card
      title="Codes from an app"
      actions={isOn ? <Badge tone="good">On</Badge> : <Badge tone="warning">Off</Badge>}
    >
      {isOn ? <WhileOn /> : <WhileOff />}
    </Card>
  )
}

function WhileOff() {
  const [setup, setSetup] = useState<TwoFactorSetup>()
  const submission = useSubmit({ send: beginTwoFactor, onDone: setSetup })
  if (setup !== undefined) return <TwoFactorStart setup={setup} onCancel={() => setSetup(undefined)} />
  return (
    <div className="grid justify-items-start gap-3">
      <p>
        With an authenticator app on your phone, nobody signs in with your password alone. Your other sessions
        end when you switch it on.
      </p>
      <Refusal {...submission} />
      <Button kind="primary" isBusy={submission.isBusy} onClick={() => submission.send()}>
        Set up an app
      </Button>
    </div>
  )
}

function WhileOn() {
  const { username } = useMe()
  const [codes, setCodes] = useState<readonly string[]>()
  const [isEnding, setEnding] = useState(false)
  const renewal = useSubmit({ send: renewBackupCodes, onDone: setCodes })
  return (
    <div className="grid gap-4">
      <p>Signing in asks for a code of your app.</p>
      {codes !== undefined && <BackupCodes codes={codes} username={username} />}
      <Refusal {...renewal} />
      {isEnding ? (
        <Ending onClose={() => setEnding(false)} />
      ) : (
        <div className="flex flex-wrap gap-2">
          <Button isBusy={renewal.isBusy} onClick={() => renewal.send()}>
            Get new backup codes
          </Button>
          <Button kind="danger" onClick={() => setEnding(true)}>
            Switch it off
          </Button>
        </div>
      )}
    </div>
  )
}

function Ending({ onClose }: { onClose(): void }) {
  const queries = useQueryClient()
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const submission = useSubmit({
    send: () => disableTwoFactor(password, code.trim()),
    onDone() {
      showToast('Signing in asks for no code any more.')
      void queries.invalidateQueries({ queryKey: meQuery.queryKey })
    },
  })
  return (
    <Form
      submission={submission}
      action="Switch it off"
      kind="danger"
      beside={<Button onClick={onClose}>Cancel</Button>}
      className="max-w-lg"
      onSend={() => submission.send()}
    >
      <PasswordField
        label="Password"
        autoComplete="current-password"
        required
        value={password}
        onChange={({ target }) => setPassword(target.value)}
      />
      <CodeField kind="app" value={code} onChange={({ target }) => setCode(target.value)} />
    </Form>
  )
}
