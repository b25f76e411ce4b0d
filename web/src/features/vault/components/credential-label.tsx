import type { Environment } from '@outcry/contract/vault'
import { credentialName, type NamedCredential } from '../credential-name.ts'
import { EnvironmentBadge } from './environment-badge.tsx'

interface CredentialLabelProps {
  readonly credential: NamedCredential & { readonly environment: Environment }
  /** Cuts a long name off instead of breaking it. */
  readonly isShort?: boolean
}

/** LIVE or PAPER and the name: how a credential is shown wherever it is named. */
export function CredentialLabel({ credential, isShort = false }: CredentialLabelProps) {
  return (
    <span className="inline-flex max-w-full min-w-0 items-center gap-2">
      <EnvironmentBadge environment={credential.environment} />{' '}
      <span className={isShort ? 'truncate' : 'min-w-0'}>{credentialName(credential)}</span>
    </span>
  )
}
