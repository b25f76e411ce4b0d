import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { Notice } from './notice.tsx'

interface ConfirmDialogProps {
  readonly title: string
  /** What happens, and what does not. */
  readonly children: ReactNode
  /** The button that does it, such as `Remove “Phone”`. */
  readonly confirmLabel: string
  readonly isDangerous?: boolean
  readonly isBusy: boolean
  readonly failure: string | undefined
  onConfirm(): void
  onClose(): void
}

/** Asks before something is done that is hard or impossible to take back. */
export function ConfirmDialog({
  title,
  children,
  confirmLabel,
  isDangerous = false,
  isBusy,
  failure,
  onConfirm,
  onClose,
}: ConfirmDialogProps) {
  return (
    <Dialog isOpen onClose={onClose} title={title}>
      <div className="grid gap-3">{children}</div>
      {failure !== undefined && <Notice kind="danger">{failure}</Notice>}
      <div className="flex flex-wrap gap-2">
        <Button kind={isDangerous ? 'danger' : 'primary'} isBusy={isBusy} onClick={onConfirm}>
          {confirmLabel}
        </Button>
        <Button onClick={onClose}>Cancel</Button>
      </div>
    </Dialog>
  )
}
