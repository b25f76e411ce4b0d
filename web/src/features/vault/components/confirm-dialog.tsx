import type { ReactNode } from 'react'
import { useSubmit } from '../../../lib/use-submit.ts'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { Notice } from '../../../ui/notice.tsx'

interface ConfirmDialogProps {
  readonly title: string
  /** What happens, and what does not. */
  readonly children: ReactNode
  /** The button that does it, such as `Delete “Swing”`. */
  readonly confirmLabel: string
  readonly isDangerous?: boolean
  onConfirm(): Promise<unknown>
  onDone(): void
  onClose(): void
}

/** Asks before something is done that is hard or impossible to take back. */
export function ConfirmDialog({
  title,
  children,
  confirmLabel,
  isDangerous = false,
  onConfirm,
  onDone,
  onClose,
}: ConfirmDialogProps) {
  const { send, isBusy, failure } = useSubmit<void, unknown>({ send: onConfirm, onDone })
  return (
    <Dialog isOpen onClose={onClose} title={title}>
      <div className="grid gap-3">{children}</div>
      {failure !== undefined && <Notice kind="danger">{failure}</Notice>}
      <div className="flex flex-wrap gap-2">
        <Button kind={isDangerous ? 'danger' : 'primary'} isBusy={isBusy} onClick={() => send()}>
          {confirmLabel}
        </Button>
        <Button onClick={onClose}>Cancel</Button>
      </div>
    </Dialog>
  )
}
