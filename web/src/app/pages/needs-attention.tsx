import { Link } from '@tanstack/react-router'
import { TriangleAlert } from 'lucide-react'
import type { Credential } from '../../features/vault/api/credentials.ts'
import { useVault } from '../../features/vault/api/use-vault.ts'
import { credentialName } from '../../features/vault/credential-name.ts'
import { troublesOf, troubleWords } from '../../features/vault/credential-trouble.ts'
import { formatDay } from '../../lib/format.ts'
import { useMe } from '../../lib/me.ts'
import { sentenceOf } from '../../lib/problem.ts'
import { Card } from '../../ui/card.tsx'
import { Failed, Loading } from '../../ui/states.tsx'

const SOON_MS = 14 * 24 * 60 * 60 * 1_000

interface Matter {
  readonly id: string
  readonly sentence: string
  readonly to: '/vault' | '/settings/security'
  readonly action: string
}

const NO_SECOND_FACTOR: Matter = {
  id: 'two-factor',
  sentence: 'Your account is protected by a password alone, if you have no passkey.',
  to: '/settings/security',
  action: 'Add a second factor',
}

function matterOf(credential: Credential, now: Date): Matter | undefined {
  const { id, expires_at } = credential
  const name = credentialName(credential)
  const [trouble] = troublesOf(credential, now)
  const matter = { id, to: '/vault', action: 'Open the vault' } as const
  if (trouble !== undefined) return { ...matter, sentence: `${troubleWords[trouble]}: ${name}.` }
  if (expires_at === null || new Date(expires_at).getTime() - now.getTime() >= SOON_MS) return undefined
  return { ...matter, sentence: `${name} expires on ${formatDay(expires_at)}.` }
}

/** What a member should look after: keys that do not work or soon will not, and a sign-in that a password alone opens. */
export function NeedsAttention() {
  const me = useMe()
  const { groups, error, retry } = useVault()
  const now = new Date()
  const credentials = groups?.flatMap((group) => group.credentials) ?? []
  const matters = [
    ...credentials.flatMap((credential) => matterOf(credential, now) ?? []),
    ...(me.two_factor_enabled ? [] : [NO_SECOND_FACTOR]),
  ]
  return (
    <Card title="Needs attention">
      {error !== null && <Failed sentence={sentenceOf(error)} onRetry={retry} />}
      {groups === undefined && error === null && <Loading what="what needs attention" />}
      {groups !== undefined && matters.length === 0 && <p className="text-ink-soft">Nothing. All is well.</p>}
      <ul className="grid gap-2">
        {matters.map(({ id, sentence, to, action }) => (
          <li key={id} className="flex gap-3">
            <TriangleAlert size={18} aria-hidden="true" className="mt-0.5 shrink-0 text-warning" />
            <p className="flex min-w-0 grow flex-wrap justify-between gap-x-6 gap-y-1">
              <span>{sentence}</span>
              <Link to={to} className="text-accent underline underline-offset-4">
                {action}
              </Link>
            </p>
          </li>
        ))}
      </ul>
    </Card>
  )
}
