import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { meQuery } from '../../../lib/me.ts'
import { type ProofAsked, registerProver } from '../../../lib/step-up.ts'
import { Dialog } from '../../../ui/dialog.tsx'
import { ProofForm } from './proof-form.tsx'

/** Asks whoever is signed in to prove again that it is they, whenever something they do needs that. */
export function StepUp() {
  const [asked, setAsked] = useState<ProofAsked>()
  const waiting = useRef<Array<(isProven: boolean) => void>>([])
  const queries = useQueryClient()

  useEffect(() => {
    const unregister = registerProver((ask) => {
      setAsked(ask)
      void queries.invalidateQueries(meQuery)
      return new Promise((resolve) => waiting.current.push(resolve))
    })
    return () => {
      unregister()
      answer(waiting.current, false)
    }
  }, [queries])

  const finish = (isProven: boolean) => {
    setAsked(undefined)
    answer(waiting.current, isProven)
  }
  return (
    <Dialog
      isOpen={asked !== undefined}
      onClose={() => finish(false)}
      title="Confirm that it is you"
      description="What you are about to do needs a proof that is at most five minutes old."
    >
      {asked !== undefined && (
        <ProofForm
          needsFactor={asked.needsFactor}
          onProven={() => finish(true)}
          onCancel={() => finish(false)}
        />
      )}
    </Dialog>
  )
}

function answer(waiting: Array<(isProven: boolean) => void>, isProven: boolean): void {
  for (const resolve of waiting.splice(0)) resolve(isProven)
}
