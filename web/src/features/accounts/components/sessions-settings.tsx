import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { formatInstant } from '../../../lib/format.ts'
import { sentenceOf } from '../../../lib/problem.ts'
import { Badge } from '../../../ui/badge.tsx'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { Failed, Loading } from '../../../ui/states.tsx'
import { showToast } from '../../../ui/toasts.tsx'
import { endSessionById, type Session, sessionsQuery } from '../api/security.ts'

/** Where the member is signed in, and ending that from here. */
export function SessionsSettings() {
  const { data, error, refetch } = useQuery(sessionsQuery)
  return (
    <Card title="Where you are signed in">
      {error !== null && <Failed sentence={sentenceOf(error)} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Loading what="your sessions" />}
      <ul className="grid gap-4 empty:hidden">
        {data?.items.map((session) => (
          <SessionItem key={session.id} session={session} />
        ))}
      </ul>
    </Card>
  )
}

function SessionItem({ session }: { readonly session: Session }) {
  const { id, device, address, current, created_at, last_seen_at } = session
  const queries = useQueryClient()
  const { mutate, isPending } = useMutation({
    mutationFn: () => endSessionById(id),
    onSuccess: () => showToast(`The session on ${device} has ended.`),
    onError: (error) => showToast(sentenceOf(error)),
    onSettled: () => queries.invalidateQueries({ queryKey: sessionsQuery.queryKey }),
  })
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1">
      <div className="min-w-0 grow">
        <p className="font-semibold first-letter:uppercase">
          {device} {current && <Badge tone="good">This one</Badge>}
        </p>
        <p className="text-sm text-ink-soft">
          From {address}. Signed in <time dateTime={created_at}>{formatInstant(created_at)}</time>, last seen{' '}
          <time dateTime={last_seen_at}>{formatInstant(last_seen_at)}</time>.
        </p>
      </div>
      {!current && (
        <Button
          isSmall
          isBusy={isPending}
          aria-label={`Sign out ${device}, ${address}`}
          onClick={() => mutate()}
        >
          Sign out
        </Button>
      )}
    </li>
  )
}
