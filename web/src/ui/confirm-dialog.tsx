import type { ComponentProps, ReactNode } from 'react'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { Form } from './form.tsx'

interface ConfirmDialogProps {
  readonly title: string
  /** What happens, and what does not. */
  readonly children: ReactNode
  /** What the button says that does it, such as `Remove “Phone”`. */
  readonly action: string
  readonly isDangerous?: boolean
  readonly submission: ComponentProps<typeof Form>['submission']
  onConfirm(): void
  onClose(): void
}

/** Asks before something is done that is hard or impossible to take back. */
export function ConfirmDialog({
  title,
  children,
  action,
  isDangerous = false,
  submission,
  onConfirm,
  onClose,
}: ConfirmDialogProps) {
  return (
    <Dialog isOpen onClose={onClose} title={title}>
      <Form
        {...{ submission, action }}
        kind={isDangerous ? 'danger' : 'primary'}
        beside={<Button onClick={onClose}>Cancel</Button>}
        onSend={onConfirm}
      >
        <div className="grid gap-3">{children}</div>
      </Form>
    </Dialog>
  )
}
