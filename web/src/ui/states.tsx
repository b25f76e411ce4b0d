import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import { Notice } from './notice.tsx'
import { Spinner } from './spinner.tsx'

/** Stands where something is being fetched; appears after 300 ms, so that quick answers do not flicker. */
export function Loading({ what }: { readonly what: string }) {
  return (
    <p role="status" className="appear-late flex items-center gap-3 p-6 text-ink-soft">
      <Spinner />
      Loading {what} …
    </p>
  )
}

/** Stands where there is nothing yet, and says what to do about it. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="grid justify-items-center gap-3 rounded-lg border border-dashed border-line-strong p-8 text-center">
      <p className="font-semibold">{title}</p>
      {children !== undefined && <div className="max-w-prose text-ink-soft">{children}</div>}
    </div>
  )
}

/** Stands where something could not be fetched. */
export function Failed({ sentence, onRetry }: { readonly sentence: string; onRetry(): void }) {
  return (
    <Notice kind="danger">
      <p>{sentence}</p>
      <Button isSmall className="mt-2" onClick={onRetry}>
        Try again
      </Button>
    </Notice>
  )
}
