import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'

const LOOK = {
  info: { className: 'border-accent bg-accent-soft', Icon: Info },
  good: { className: 'border-good bg-good-soft', Icon: CircleCheck },
  warning: { className: 'border-warning bg-warning-soft', Icon: TriangleAlert },
  danger: { className: 'border-danger bg-danger-soft', Icon: CircleAlert },
} as const

interface NoticeProps {
  readonly kind: keyof typeof LOOK
  readonly title?: ReactNode
  readonly children?: ReactNode
}

/** Something to know, in its place on the page. Warnings and failures are read out when they appear. */
export function Notice({ kind, title, children }: NoticeProps) {
  const { className, Icon } = LOOK[kind]
  const role = kind === 'danger' ? 'alert' : 'status'
  return (
    <div role={role} className={`flex gap-3 rounded-md border-l-4 p-3 ${className}`}>
      <Icon size={20} aria-hidden="true" className="mt-0.5 shrink-0" />
      <div className="min-w-0 grow">
        {title !== undefined && <p className="font-semibold">{title}</p>}
        {children}
      </div>
    </div>
  )
}
