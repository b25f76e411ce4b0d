import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ChevronDown, TriangleAlert } from 'lucide-react'
import { buttonClass } from '../../../ui/button.tsx'
import { Spinner } from '../../../ui/spinner.tsx'
import { useActiveCredential, useIsChoosing } from '../api/active-credential.ts'
import { credentialsQuery } from '../api/credentials.ts'
import { CredentialLabel } from './credential-label.tsx'
import { CredentialMenu } from './credential-menu.tsx'

/** The element that shows what is chosen; where the focus goes when the question about it is answered. */
export const SWITCHER_ID = 'credential-switcher'

/** Shows on every page with which credential the member acts, and lets them choose another. */
export function CredentialSwitcher() {
  const { credential, problem, isLoading } = useActiveCredential()
  const { data: credentials } = useQuery(credentialsQuery)
  const isChoosing = useIsChoosing()
  if (isLoading) return <span className="min-h-9" />
  if (credential === null && credentials?.length === 0)
    return (
      <Link to="/vault" id={SWITCHER_ID} className={buttonClass('secondary', true)}>
        Add a key
      </Link>
    )
  return (
    <CredentialMenu
      trigger={
        <button
          type="button"
          id={SWITCHER_ID}
          className={`${buttonClass('secondary', true)} min-w-0 sm:max-w-80`}
        >
          <span className="sr-only">Credential in use: </span>
          {isChoosing && <Spinner />}
          {problem !== null && (
            <TriangleAlert size={16} aria-label="Cannot be used:" className="shrink-0 text-warning" />
          )}
          {credential === null ? (
            <span className="truncate">{problem === 'deleted' ? 'Deleted' : 'Choose a key'}</span>
          ) : (
            <CredentialLabel credential={credential} isShort />
          )}
          <ChevronDown size={16} aria-hidden="true" className="shrink-0" />
        </button>
      }
    />
  )
}
