import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { formatDay, formatInstant } from '../../../lib/format.ts'
import { useSubmit } from '../../../lib/use-submit.ts'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { showToast } from '../../../ui/toasts.tsx'
import { type PersonalToken, revokeToken, tokensQuery } from '../api/security.ts'
import { scopeWords } from '../scope-words.ts'
import { NewTokenForm, type TokenCredential } from './new-token-form.tsx'
import { ProtectedList } from './protected-list.tsx'

interface TokensSettingsProps {
  /** The broker keys that a token can be bound to. */
  readonly credentials: readonly TokenCredential[]
}

/** Personal access tokens, for programs that act for the member. */
export function TokensSettings({ credentials }: TokensSettingsProps) {
  return (
    <Card title="Personal access tokens">
      <p className="text-ink-soft">
        A program can use your account, or a broker key without ever seeing it, with a token. It never reaches
        your security settings.
      </p>
      <ProtectedList query={tokensQuery} what="your tokens">
        {({ items }) => (
          <>
            {items.length === 0 && <p>You have no tokens.</p>}
            <ul className="grid gap-3 empty:hidden">
              {items.map((token) => (
                <TokenItem key={token.id} token={token} credentials={credentials} />
              ))}
            </ul>
            <NewTokenForm credentials={credentials} />
          </>
        )}
      </ProtectedList>
    </Card>
  )
}

interface TokenItemProps extends TokensSettingsProps {
  readonly token: PersonalToken
}

function TokenItem({ token, credentials }: TokenItemProps) {
  const { id, name, last_four, scopes, expires_at, last_used_at, credential_id } = token
  const bound = credentials.find((credential) => credential.id === credential_id)
  const [isAsking, setAsking] = useState(false)
  const queries = useQueryClient()
  const submission = useSubmit({
    send: () => revokeToken(id),
    onDone() {
      showToast(`“${name}” has ended.`)
      void queries.invalidateQueries({ queryKey: tokensQuery.queryKey })
    },
  })
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1">
      <div className="min-w-0 grow">
        <p className="font-semibold">
          {name} <span className="font-mono text-sm font-normal text-ink-soft">…{last_four}</span>
        </p>
        <p className="text-sm text-ink-soft">
          May {scopes.map((scope) => scopeWords[scope]).join(', ')}
          {credential_id !== null && `, with ${bound?.name ?? 'one broker key'} only`}.{' '}
          {expires_at === null ? 'Never expires' : `Expires ${formatDay(expires_at)}`},{' '}
          {last_used_at === null ? 'never used' : `last used ${formatInstant(last_used_at)}`}.
        </p>
      </div>
      <Button isSmall aria-label={`End the token “${name}”`} onClick={() => setAsking(true)}>
        End
      </Button>
      {isAsking && (
        <ConfirmDialog
          title={`End “${name}”?`}
          action="End the token"
          isDangerous
          submission={submission}
          onConfirm={() => submission.send()}
          onClose={() => setAsking(false)}
        >
          Programs that use it are refused from now on.
        </ConfirmDialog>
      )}
    </li>
  )
}
