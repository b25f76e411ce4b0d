import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { sentenceOf } from '../../../lib/problem.ts'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { Failed, Loading } from '../../../ui/states.tsx'
import { showToast } from '../../../ui/toasts.tsx'
import { answerFollowRequest, followRequestsQuery } from '../api/profile.ts'

/** Who has asked to follow the member, to be accepted or declined. */
export function FollowRequests() {
  const queries = useQueryClient()
  const { data, error, refetch } = useQuery(followRequestsQuery)
  const { mutate, isPending, variables } = useMutation({
    mutationFn: ({ id, isAccepted }: { id: string; isAccepted: boolean }) =>
      answerFollowRequest(id, isAccepted),
    onSuccess: (_done, { isAccepted }) =>
      showToast(isAccepted ? 'The request is accepted.' : 'The request is declined.'),
    onError: (failure) => showToast(sentenceOf(failure)),
    onSettled: () => queries.invalidateQueries({ queryKey: followRequestsQuery.queryKey }),
  })
  return (
    <Card title="Requests to follow you">
      {error !== null && <Failed sentence={sentenceOf(error)} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Loading what="the requests" />}
      {data?.items.length === 0 && <p className="text-ink-soft">Nobody is waiting.</p>}
      <ul className="grid gap-3 empty:hidden">
        {data?.items.map(({ id, follower: { username, display_name } }) => (
          <li key={id} className="flex flex-wrap items-center gap-2">
            <span className="min-w-0 grow">
              {display_name ?? username} <span className="text-ink-soft">@{username}</span>
            </span>
            <Button
              isSmall
              kind="primary"
              aria-label={`Accept ${username}`}
              isBusy={isPending && variables.id === id && variables.isAccepted}
              onClick={() => mutate({ id, isAccepted: true })}
            >
              Accept
            </Button>
            <Button
              isSmall
              aria-label={`Decline ${username}`}
              isBusy={isPending && variables.id === id && !variables.isAccepted}
              onClick={() => mutate({ id, isAccepted: false })}
            >
              Decline
            </Button>
          </li>
        ))}
      </ul>
    </Card>
  )
}
