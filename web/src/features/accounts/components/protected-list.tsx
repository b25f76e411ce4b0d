import { type QueryKey, type UseQueryOptions, useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { ApiProblem, sentenceOf } from '../../../lib/problem.ts'
import { withProof } from '../../../lib/step-up.ts'
import { Button } from '../../../ui/button.tsx'
import { Failed, Loading } from '../../../ui/states.tsx'

interface ProtectedListProps<T, K extends QueryKey> {
  readonly query: UseQueryOptions<T, Error, T, K>
  /** What is listed, as in `your passkeys`. */
  readonly what: string
  children(data: T): ReactNode
}

/** A list that the server shows only after a recent proof: asks for it on a press, never by itself. */
export function ProtectedList<T, K extends QueryKey>({ query, what, children }: ProtectedListProps<T, K>) {
  const { data, error, refetch } = useQuery(query)
  const [isAsking, setAsking] = useState(false)
  if (data !== undefined) return <>{children(data)}</>
  // Note: while it is read again there is no error; the button stays, so that the dialog can give it the focus back.
  if (isAsking || (error instanceof ApiProblem && error.asksForProof)) {
    const show = async () => {
      setAsking(true)
      await withProof(() => refetch({ throwOnError: true })).catch(() => undefined)
      setAsking(false)
    }
    return (
      <div className="grid justify-items-start gap-2">
        <p className="text-ink-soft">To see and change {what}, show once more that it is you.</p>
        <Button isBusy={isAsking} onClick={() => void show()}>
          Show {what}
        </Button>
      </div>
    )
  }
  if (error !== null) return <Failed sentence={sentenceOf(error)} onRetry={() => void refetch()} />
  return <Loading what={what} />
}
