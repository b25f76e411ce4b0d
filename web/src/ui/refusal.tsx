import { useEffect, useState } from 'react'
import { Notice } from './notice.tsx'
import { waitInWords } from './wait-in-words.ts'

/** Why something that was sent was refused. */
export interface RefusalProps {
  /** One sentence; nothing is shown without it. */
  readonly failure: string | undefined
  /** How long to wait, where waiting helps. */
  readonly wait: WaitProps | undefined
}

interface WaitProps {
  readonly seconds: number
  /** The server has too much to do; otherwise somebody did something too often. */
  readonly isCrowded: boolean
}

/** Says why something was refused, and how long to wait where waiting helps. */
export function Refusal({ failure, wait }: RefusalProps) {
  if (failure === undefined) return null
  return wait === undefined ? <Notice kind="danger">{failure}</Notice> : <Wait key={failure} {...wait} />
}

function Wait({ isCrowded, seconds }: WaitProps) {
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
