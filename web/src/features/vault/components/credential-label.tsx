import type { Environment } from '@outcry/contract/vault'
import { credentialName, type NamedCredential } from '../credential-name.ts'
import { EnvironmentBadge } from './environment-badge.tsx'

interface CredentialLabelProps {
  readonly credential: NamedCredential & { readonly environment: Environment }
  /** Cuts a long name off after two lines; the whole name is still read out, and shown to who points at it. */
  readonly isShort?: boolean
}

/** LIVE or PAPER and the name: how a credential is shown wherever it is named. */
export function CredentialLabel({ credential, isShort = false }: CredentialLabelProps) {
  const name = credentialName(credential)
  return (
    <span className="inline-flex max-w-full min-w-0 items-center gap-2">
      <EnvironmentBadge environment={credential.environment} />{' '}
      {isShort ? (
        <span title={name} className="line-clamp-2 text-left leading-4 wrap-anywhere">
          {name}
        </span>
      ) : (
        <span className="min-w-0">{name}</span>
      )}
    </span>
  )
}
