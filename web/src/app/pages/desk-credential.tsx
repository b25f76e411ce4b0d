import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { type ActiveCredential, useActiveCredential } from '../../features/vault/api/active-credential.ts'
import { CredentialLabel } from '../../features/vault/components/credential-label.tsx'
import { sentenceOf } from '../../lib/problem.ts'
import { buttonClass } from '../../ui/button.tsx'
import { Empty, Failed, Loading } from '../../ui/states.tsx'

interface DeskCredentialProps {
  readonly title: string
  children(credential: NonNullable<ActiveCredential['credential']>): ReactNode
}

/** The heading of a page about one credential, and the page when one is chosen that can be used. */
export function DeskCredential({ title, children }: DeskCredentialProps) {
  const { credential, problem, isLoading, error, retry } = useActiveCredential()
  const usable = problem === null ? credential : null
  return (
    <div className="grid gap-6">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <h1>{title}</h1>
        {credential && <CredentialLabel credential={credential} />}
      </header>
      {isLoading && <Loading what="your choice" />}
      {error !== null && <Failed sentence={sentenceOf(error)} onRetry={retry} />}
      {!isLoading && error === null && usable === null && <NothingChosen isAsked={problem !== null} />}
      {usable && children(usable)}
    </div>
  )
}

function NothingChosen({ isAsked }: { readonly isAsked: boolean }) {
  return (
    <Empty title={isAsked ? 'These figures cannot be read now.' : 'No credential is chosen.'}>
      <p className="mb-3">
        {isAsked
          ? 'Choose another credential above, or mend this one in the vault.'
          : 'Choose one at the top of the page. If you have none yet, add one to your vault.'}
      </p>
      <Link to="/vault" className={buttonClass('primary')}>
        Open the vault
      </Link>
    </Empty>
  )
}
