import type { ReactNode } from 'react'
import { classNames } from './class-names.ts'

type Tone = 'neutral' | 'good' | 'warning' | 'danger'

const LOOK: Record<Tone, string> = {
  neutral: 'border-line-strong text-ink-soft',
  good: 'border-good bg-good-soft text-good',
  warning: 'border-warning bg-warning-soft text-warning',
  danger: 'border-danger bg-danger-soft text-danger',
}

/** A state in a word. */
export function Badge({
  tone = 'neutral',
  children,
}: {
  readonly tone?: Tone
  readonly children: ReactNode
}) {
  return (
    <span
      className={classNames(
        'inline-flex items-center gap-1 rounded-full border px-2 py-0.5 text-xs font-medium whitespace-nowrap',
        LOOK[tone],
      )}
    >
      {children}
    </span>
  )
}
