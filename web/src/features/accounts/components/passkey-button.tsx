import { KeyRound } from 'lucide-react'
import { useEffect, useEffectEvent } from 'react'
import { useSubmit } from '../../../lib/use-submit.ts'
import { Button } from '../../../ui/button.tsx'
import { Refusal } from '../../../ui/refusal.tsx'
import { type Assertion, askForPasskey, knowsPasskeys, suggestPasskeys } from '../api/ask-for-passkey.ts'
import { signInWithPasskey } from '../api/sign-in.ts'

interface PasskeyButtonProps {
  /** Reads who has signed in. */
  finish(): Promise<unknown>
}

/** Signs in with a passkey: on a press, or with one that was chosen among the browser's suggestions for the name. */
export function PasskeyButton({ finish }: PasskeyButtonProps) {
  const submission = useSubmit({
    async send(chosen: Assertion | undefined) {
      await signInWithPasskey(chosen ?? (await askForPasskey()))
      await finish()
    },
  })
  useSuggestions(submission.send)
  if (!knowsPasskeys()) return null
  return (
    <div className="grid gap-3">
      <p className="flex items-center gap-3 text-sm text-ink-soft before:grow before:border-t before:border-line after:grow after:border-t after:border-line">
        or
      </p>
      <Refusal {...submission} />
      <Button isBusy={submission.isBusy} onClick={() => submission.send(undefined)}>
        <KeyRound size={18} aria-hidden="true" />
        Use a passkey
      </Button>
    </div>
  )
}

function useSuggestions(onChosen: (assertion: Assertion) => void): void {
  const choose = useEffectEvent(onChosen)
  useEffect(() => {
    if (!knowsPasskeys()) return
    const ending = new AbortController()
    void suggestPasskeys(ending.signal).then((assertion) => {
      if (assertion !== undefined && !ending.signal.aborted) choose(assertion)
    })
    return () => ending.abort()
  }, [])
}
