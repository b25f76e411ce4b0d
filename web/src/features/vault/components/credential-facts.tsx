import type { ReactNode } from 'react'
import { inWords } from '../../../lib/in-words.ts'
import { Badge } from '../../../ui/badge.tsx'
import { useActiveCredential } from '../api/active-credential.ts'
import type { Credential } from '../api/credentials.ts'
import { troublesOf, troubleWords } from '../credential-trouble.ts'
import { standingText } from '../outcome-text.ts'
import { Moment } from './moment.tsx'

/** How a credential stands, in a few words. */
export function CredentialBadges({ credential }: { readonly credential: Credential }) {
  const active = useActiveCredential()
  const troubles = troublesOf(credential, new Date())
  return (
    <div className="flex flex-wrap gap-2">
      {troubles.length === 0 && <Badge tone="good">Active</Badge>}
      {troubles.map((trouble) => (
        <Badge key={trouble} tone={trouble === 'inactive' ? 'neutral' : 'danger'}>
          {troubleWords[trouble]}
        </Badge>
      ))}
      {credential.last_validation === 'blocked' && (
        <Badge tone="warning">Account blocked by the broker</Badge>
      )}
      {active.credential?.id === credential.id && <Badge>On your desk</Badge>}
      {credential.is_default && <Badge>Default</Badge>}
      {credential.environment === 'live' && credential.is_trading_enabled && (
        <Badge tone="warning">Tokens may trade</Badge>
      )}
    </div>
  )
}

/** What is known of a credential. */
export function CredentialFacts({ credential }: { readonly credential: Credential }) {
  const { environment, last_validation, last_validated_at } = credential
  return (
    <div className="grid gap-2">
      <dl className="grid grid-cols-2 gap-x-6 gap-y-2 sm:grid-cols-3 lg:grid-cols-5">
        <Fact name="Type">{inWords(credential.credential_type)}</Fact>
        <Fact name="Key">
          <span className="font-mono">…{credential.key_hint}</span>
        </Fact>
        <Fact name="Last used">
          <Moment at={credential.last_used_at} none="Never" />
        </Fact>
        <Fact name="Last tested">
          <Moment at={last_validated_at} none="Never" />
        </Fact>
        <Fact name="Expires">
          <Moment at={credential.expires_at} none="Never" />
        </Fact>
      </dl>
      {last_validation !== null && last_validation !== 'ok' && (
        <p className="text-sm">{standingText(last_validation, environment)}</p>
      )}
    </div>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt className="text-sm text-ink-soft">{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
