import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import { type ReactNode, useRef } from 'react'

interface DialogProps {
  readonly isOpen: boolean
  onClose(): void
  readonly title: ReactNode
  /** What the dialog is about, in a sentence; read out after the title. */
  readonly description?: ReactNode
  readonly children: ReactNode
}

/**
 * A question over the page. The focus goes to its first field, stays inside, and goes back to what opened the dialog, or to
 * the page's heading when that is gone. Escape closes it.
 */
export function Dialog({ isOpen, onClose, title, description, children }: DialogProps) {
  const opener = useRef<HTMLElement>(null)
  const enter = (event: Event) => {
    opener.current = findOpener()
    const field = elementOf(event)?.querySelector<HTMLElement>('input, select, textarea')
    if (!field) return
    event.preventDefault()
    field.focus()
  }
  const leave = (event: Event) => {
    event.preventDefault()
    if (opener.current?.isConnected) opener.current.focus()
    else focusHeading()
  }
  return (
    <Radix.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-[rgb(0_0_0/0.5)]" />
        <Radix.Content
          {...(description === undefined ? { 'aria-describedby': undefined } : {})}
          onOpenAutoFocus={enter}
          onCloseAutoFocus={leave}
          className="fixed top-1/2 left-1/2 z-50 grid max-h-[calc(100dvh-2rem)] w-[min(34rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 gap-4 overflow-y-auto rounded-lg border border-line bg-surface p-4 shadow-xl sm:p-6"
        >
          <header className="flex items-start justify-between gap-3">
            <Radix.Title>{title}</Radix.Title>
            <Radix.Close
              aria-label="Close"
              className="grid size-9 shrink-0 cursor-pointer place-items-center rounded-md hover:bg-sunken"
            >
              <X size={18} aria-hidden="true" />
            </Radix.Close>
          </header>
          {description !== undefined && (
            <Radix.Description className="text-ink-soft">{description}</Radix.Description>
          )}
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

function elementOf({ currentTarget }: Event): HTMLElement | undefined {
  return currentTarget instanceof HTMLElement ? currentTarget : undefined
}

/** What has the focus; for an item of a menu, which closes, the menu's button. */
function findOpener(): HTMLElement | null {
  const active = document.activeElement
  const button = active?.closest('[role="menu"]')?.getAttribute('aria-labelledby')
  const opener = button ? document.getElementById(button) : active
  return opener instanceof HTMLElement && opener !== document.body ? opener : null
}

function focusHeading(): void {
  const heading = document.querySelector<HTMLElement>('#content h1')
  if (heading === null) return
  heading.tabIndex = -1
  heading.focus()
}
