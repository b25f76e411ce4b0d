import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { sentenceOf } from '../../../lib/problem.ts'
import { withProof } from '../../../lib/step-up.ts'
import { Button } from '../../../ui/button.tsx'
import { Notice } from '../../../ui/notice.tsx'
import { showToast } from '../../../ui/toasts.tsx'
import {
  type Credential,
  type CredentialChange,
  changeCredential,
  testCredential,
} from '../api/credentials.ts'
import { showCredential, useWriteToVault } from '../api/use-vault.ts'
import { credentialName } from '../credential-name.ts'
import { standingText } from '../outcome-text.ts'
import { CredentialActions, type CredentialDialogName } from './credential-actions.tsx'
import { CredentialDialog } from './credential-dialog.tsx'
import { CredentialBadges, CredentialFacts } from './credential-facts.tsx'
import { CredentialHeading } from './credential-heading.tsx'

/** A credential in the list of the vault: how it stands, and everything that can be done with it. */
export function CredentialRow({ credential }: { readonly credential: Credential }) {
  const [dialog, setDialog] = useState<CredentialDialogName>()
  const test = useTest(credential)
  const change = useChange(credential)
  const failure = change.error ?? test.error
  return (
    <li className="grid gap-3 py-4">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <CredentialHeading credential={credential} />
        <div className="flex items-center gap-2">
          <Button
            isSmall
            isBusy={test.isPending}
            aria-label={`Test now: ${credentialName(credential)}`}
            onClick={() => test.mutate()}
          >
            Test now
          </Button>
          <CredentialActions
            credential={credential}
            onOpen={setDialog}
            onChange={(wanted, said) => change.mutate({ wanted, said })}
          />
        </div>
      </div>
      <CredentialBadges credential={credential} />
      <CredentialFacts credential={credential} />
      {failure !== null && <Notice kind="danger">{sentenceOf(failure)}</Notice>}
      {dialog !== undefined && (
        <CredentialDialog name={dialog} credential={credential} onClose={() => setDialog(undefined)} />
      )}
    </li>
  )
}

function useTest({ id, environment }: Credential) {
  const write = useWriteToVault()
  return useMutation({
    mutationFn: () => write(() => testCredential(id)),
    onSuccess: (outcome) => showToast(standingText(outcome, environment)),
  })
}

interface SaidChange {
  readonly wanted: CredentialChange
  readonly said: string
}

function useChange(credential: Credential): UseMutationResult<Credential, Error, SaidChange> {
  const queries = useQueryClient()
  const write = useWriteToVault()
  return useMutation({
    mutationFn: ({ wanted }: SaidChange) =>
      withProof(() => write(() => changeCredential(credential, wanted))),
    onSuccess(changed, { said }) {
      showCredential(queries, changed)
      showToast(said)
    },
  })
}
