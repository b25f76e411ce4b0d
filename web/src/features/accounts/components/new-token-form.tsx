import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useSubmit } from '../../../lib/use-submit.ts'
import { Button } from '../../../ui/button.tsx'
import { CheckField, SelectField, TextField } from '../../../ui/field.tsx'
import { Form } from '../../../ui/form.tsx'
import { Notice } from '../../../ui/notice.tsx'
import { createToken, type TokenScope, tokensQuery } from '../api/security.ts'
import { scopeWords } from '../scope-words.ts'

/** A broker key as a token may be bound to it. */
export interface TokenCredential {
  readonly id: string
  readonly name: string
}

const SCOPES: readonly TokenScope[] = [
  'account:read',
  'account:write',
  'users:read',
  'social:write',
  'broker:read',
  'broker:trade',
]
const LIVES = [
  { days: 7, name: 'A week' },
  { days: 30, name: 'A month' },
  { days: 90, name: 'Three months' },
  { days: 365, name: 'A year' },
] as const
const DAY_MS = 24 * 60 * 60 * 1_000
const FIELDS = ['name', 'scopes', 'expires_at', 'credential_id']

/** Makes a token and shows it this once. */
export function NewTokenForm({ credentials }: { readonly credentials: readonly TokenCredential[] }) {
  const [name, setName] = useState('')
  const [scopes, setScopes] = useState<readonly TokenScope[]>([])
  const [days, setDays] = useState<number>(90)
  const [credentialId, setCredentialId] = useState('')
  const queries = useQueryClient()
  const [made, setMade] = useState<string>()
  const submission = useSubmit({
    fields: FIELDS,
    send: () =>
      createToken({
        name: name.trim(),
        scopes: [...scopes],
        expires_at: new Date(Date.now() + days * DAY_MS).toISOString(),
        credential_id: credentialId || null,
      }),
    onDone({ token }) {
      setMade(token)
      setName('')
      setScopes([])
      void queries.invalidateQueries({ queryKey: tokensQuery.queryKey })
    },
  })
  return (
    <Form
      submission={submission}
      action="Make the token"
      className="max-w-lg border-t border-line pt-4"
      onSend={() => submission.send()}
    >
      <h3>Make a token</h3>
      {made !== undefined && <Made token={made} onClose={() => setMade(undefined)} />}
      <TextField
        label="What it is for"
        required
        maxLength={64}
        autoComplete="off"
        value={name}
        error={submission.errorOf('name')}
        onChange={({ target }) => setName(target.value)}
      />
      <ScopeChoice
        value={scopes}
        isRefused={submission.errorOf('scopes') !== undefined}
        onChange={setScopes}
      />
      {credentials.length > 0 && (
        <SelectField
          label="With which broker key"
          value={credentialId}
          error={submission.errorOf('credential_id')}
          onChange={({ target }) => setCredentialId(target.value)}
        >
          <option value="">Any of yours</option>
          {credentials.map((credential) => (
            <option key={credential.id} value={credential.id}>
              {credential.name}
            </option>
          ))}
        </SelectField>
      )}
      <SelectField label="For how long" value={days} onChange={({ target }) => setDays(Number(target.value))}>
        {LIVES.map((life) => (
          <option key={life.days} value={life.days}>
            {life.name}
          </option>
        ))}
      </SelectField>
    </Form>
  )
}

interface ScopeChoiceProps {
  readonly value: readonly TokenScope[]
  readonly isRefused: boolean
  onChange(scopes: readonly TokenScope[]): void
}

function ScopeChoice({ value, isRefused, onChange }: ScopeChoiceProps) {
  return (
    <fieldset>
      <legend className="font-medium">What it may do</legend>
      {SCOPES.map((scope, at) => (
        <CheckField
          key={scope}
          label={<span className="inline-block first-letter:uppercase">{scopeWords[scope]}</span>}
          error={at === 0 && isRefused ? 'Choose at least one.' : undefined}
          checked={value.includes(scope)}
          onChange={({ target }) =>
            onChange(target.checked ? [...value, scope] : value.filter((each) => each !== scope))
          }
        />
      ))}
    </fieldset>
  )
}

function Made({ token, onClose }: { readonly token: string; onClose(): void }) {
  const [isCopied, setCopied] = useState(false)
  const copy = () => navigator.clipboard.writeText(token).then(() => setCopied(true))
  return (
    <Notice kind="warning" title="Copy the token now. It is not shown again.">
      <code className="my-2 block font-mono text-sm break-all">{token}</code>
      <div className="flex flex-wrap items-center gap-2">
        <Button isSmall onClick={() => void copy().catch(() => undefined)}>
          Copy
        </Button>
        <Button isSmall onClick={onClose}>
          I have kept it
        </Button>
        <span role="status">{isCopied && 'Copied.'}</span>
      </div>
    </Notice>
  )
}
