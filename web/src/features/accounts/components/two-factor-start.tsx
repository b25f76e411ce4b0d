import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { meQuery, useMe } from '../../../lib/me.ts'
import { useSubmit } from '../../../lib/use-submit.ts'
import { Button } from '../../../ui/button.tsx'
import { Form } from '../../../ui/form.tsx'
import { showToast } from '../../../ui/toasts.tsx'
import { confirmTwoFactor, sessionsQuery, type TwoFactorSetup } from '../api/security.ts'
import { BackupCodes } from './backup-codes.tsx'
import { CodeField } from './code-field.tsx'

interface TwoFactorStartProps {
  readonly setup: TwoFactorSetup
  onCancel(): void
}

/** The steps to a second factor: read the picture, keep the codes, type the first code. */
export function TwoFactorStart({ setup, onCancel }: TwoFactorStartProps) {
  const { username } = useMe()
  return (
    <ol className="grid gap-6">
      <li className="grid gap-3">
        <h3>1. Scan this picture with your authenticator app, or type the key below it.</h3>
        <img
          src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(setup.qr_code_svg)}`}
          alt="QR code with the key that stands below"
          className="size-48 rounded bg-white p-2"
        />
        <code className="font-mono">{setup.secret.replace(/.{4}(?=.)/g, '$& ')}</code>
      </li>
      <li className="grid gap-3">
        <h3>2. Keep the backup codes.</h3>
        <BackupCodes codes={setup.backup_codes} username={username} />
      </li>
      <li className="grid gap-3">
        <h3>3. Type the code that the app shows.</h3>
        <FirstCode onCancel={onCancel} />
      </li>
    </ol>
  )
}

function FirstCode({ onCancel }: Pick<TwoFactorStartProps, 'onCancel'>) {
  const queries = useQueryClient()
  const [code, setCode] = useState('')
  const submission = useSubmit({
    send: () => confirmTwoFactor(code.trim()),
    onDone() {
      showToast('From now on, signing in asks for a code.')
      for (const { queryKey } of [meQuery, sessionsQuery]) void queries.invalidateQueries({ queryKey })
    },
  })
  return (
    <Form
      submission={submission}
      action="Switch it on"
      beside={<Button onClick={onCancel}>Cancel</Button>}
      className="max-w-sm"
      onSend={() => submission.send()}
    >
      <CodeField kind="app" value={code} onChange={({ target }) => setCode(target.value)} />
    </Form>
  )
}
