import { useEffect, useState } from 'react'
import { ApiProblem } from '../../../lib/problem.ts'
import type { Submission } from '../../../lib/use-submit.ts'
import { Notice } from '../../../ui/notice.tsx'
import { waitInWords } from '../wait-in-words.ts'

/** Why a form was refused, and how long to wait where waiting helps. */
export function Refusal({ error, failure }: Pick<Submission<never>, 'error' | 'failure'>) {
  if (failure === undefined) return null
  const seconds = error instanceof ApiProblem ? error.retryAfterSeconds : undefined
  if (seconds === undefined) return <Notice kind="danger">{failure}</Notice>
  return (
    <Wait key={failure} isCrowded={error instanceof ApiProblem && error.status === 503} seconds={seconds} />
  )
}

function Wait({ isCrowded, seconds }: { readonly isCrowded: boolean; readonly seconds: number }) {
  const [isOver, setOver] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setOver(true), seconds * 1_000)
    return () => clearTimeout(timer)
  }, [seconds])
  if (isOver) return <Notice kind="info">You can try again now.</Notice>
  return (
    <Notice
      kind="danger"
      title={isCrowded ? 'The server has too much to do right now.' : 'That was too often.'}
    >
      Try again in {waitInWords(seconds)}.
    </Notice>
  )
}
