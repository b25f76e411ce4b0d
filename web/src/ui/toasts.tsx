import { Toast as Radix } from 'radix-ui'
import { useSyncExternalStore } from 'react'

interface ToastText {
  readonly id: number
  readonly sentence: string
}

let toasts: readonly ToastText[] = []
let lastId = 0
const listeners = new Set<() => void>()

function change(next: readonly ToastText[]): void {
  toasts = next
  for (const listener of listeners) listener()
}

/** Says for a moment that something is done. What must not be missed belongs into a `Notice`. */
export function showToast(sentence: string): void {
  lastId += 1
  change([...toasts.slice(-2), { id: lastId, sentence }])
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

const SHOWN_MS = 6_000

/** Where toasts appear; once on a page. */
export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => toasts)
  return (
    <Radix.Provider duration={SHOWN_MS}>
      {shown.map(({ id, sentence }) => (
        <Radix.Root
          key={id}
          className="rounded-md bg-ink p-3 text-surface shadow-lg"
          onOpenChange={(open) => !open && change(toasts.filter((toast) => toast.id !== id))}
        >
          <Radix.Description>{sentence}</Radix.Description>
        </Radix.Root>
      ))}
      <Radix.Viewport className="fixed right-4 bottom-4 z-50 grid w-[min(22rem,calc(100vw-2rem))] gap-2 outline-none" />
    </Radix.Provider>
  )
}
