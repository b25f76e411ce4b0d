import { Link } from '@tanstack/react-router'
import { TriangleAlert } from 'lucide-react'
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

/** What a member should look after: keys that do not work or soon will not, and a sign-in that a password alone opens. */
export function NeedsAttention() {
  const me = useMe()
  const { groups, error, retry } = useVault()
  const now = new Date()
  const credentials = groups?.flatMap((group) => group.credentials) ?? []
  const matters: readonly Matter[] = [
    ...credentials.flatMap((credential) => {
      const [trouble] = troublesOf(credential, now)
      const ends = credential.expires_at
      const isSoon = ends !== null && new Date(ends).getTime() - now.getTime() < SOON_MS
      const what =
        trouble !== undefined
          ? `${troubleWords[trouble]}: ${credentialName(credential)}.`
          : isSoon
            ? `${credentialName(credential)} expires on ${formatDay(ends)}.`
            : undefined
      return what === undefined
        ? []
        : [{ id: credential.id, sentence: what, to: '/vault', action: 'Open the vault' } as const]
    }),
    ...(me.two_factor_enabled
      ? []
      : [
          {
            id: 'two-factor',
            sentence: 'Your account is protected by a password alone, if you have no passkey.',
            to: '/settings/security',
            action: 'Add a second factor',
          } as const,
        ]),
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
