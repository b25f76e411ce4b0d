import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { formatInstant } from '../../../lib/format.ts'
import { sentenceOf } from '../../../lib/problem.ts'
import { withProof } from '../../../lib/step-up.ts'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { Failed, Loading } from '../../../ui/states.tsx'
import { showToast } from '../../../ui/toasts.tsx'
import { type DeadJob, deadJobsQuery, retryJob, systemQuery } from '../api/system.ts'

/** Work that was given up, to be tried once more. */
export function DeadJobs() {
  const { data, error, refetch } = useQuery(deadJobsQuery)
  const areFiguresPending = useQuery(systemQuery).isPending
  if (areFiguresPending) return null // they stand above, and would push it away
  return (
    <Card title="Work that was given up">
      {error !== null && <Failed sentence={sentenceOf(error)} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Loading what="the work" />}
      {data?.items.length === 0 && (
        <p className="text-ink-soft">None. Everything was done or is still being tried.</p>
      )}
      <ul className="grid gap-4 empty:hidden">
        {data?.items.map((job) => (
          <JobItem key={job.id} job={job} />
        ))}
      </ul>
    </Card>
  )
}

function JobItem({ job }: { readonly job: DeadJob }) {
  const queries = useQueryClient()
  const { mutate, isPending } = useMutation({
    mutationFn: () => withProof(() => retryJob(job.id)),
    onSuccess: () => showToast('It is being tried once more.'),
    onError: (error) => showToast(sentenceOf(error)),
    onSettled: () => queries.invalidateQueries({ queryKey: ['system'] }),
  })
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1">
      <div className="min-w-0 grow">
        <p className="font-semibold">{job.kind}</p>
        <p className="text-sm text-ink-soft">
          {job.error} Tried {job.attempts} {job.attempts === 1 ? 'time' : 'times'}, given up{' '}
          {formatInstant(job.dead_at)}.
        </p>
      </div>
      <Button isSmall isBusy={isPending} aria-label={`Try again: ${job.kind}`} onClick={() => mutate()}>
        Try again
      </Button>
    </li>
  )
}
