import type { ComponentPropsWithRef } from 'react'
import { classNames } from './class-names.ts'
import { Spinner } from './spinner.tsx'

type Kind = 'primary' | 'secondary' | 'quiet' | 'danger'

const LOOK: Record<Kind, string> = {
  primary: 'border-transparent bg-accent text-on-accent hover:bg-accent-strong',
  secondary: 'border-line-strong bg-surface text-ink hover:bg-sunken',
  quiet: 'border-transparent bg-transparent text-accent hover:bg-accent-soft',
  danger: 'border-danger bg-surface text-danger hover:bg-danger-soft',
}

/** How a button, or a link that stands for one, looks. */
export function buttonClass(kind: Kind = 'secondary', isSmall = false): string {
  return classNames(
    'inline-flex cursor-pointer items-center justify-center gap-2 rounded-md border font-medium transition-colors',
    'disabled:cursor-not-allowed disabled:opacity-60 aria-disabled:cursor-not-allowed aria-disabled:opacity-60',
    isSmall ? 'min-h-9 px-3 py-1 text-sm' : 'min-h-11 px-4 py-2',
    LOOK[kind],
  )
}

interface ButtonProps extends ComponentPropsWithRef<'button'> {
  readonly kind?: Kind
  readonly isSmall?: boolean
  /** Shows that what it started is under way; a second press does nothing until that ends. */
  readonly isBusy?: boolean
}

/** A button. It is of type `button` unless it says otherwise. */
export function Button({ kind, isSmall, isBusy = false, className, children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={classNames(buttonClass(kind, isSmall), className)}
      aria-disabled={isBusy || undefined}
      onClick={(event) => {
        if (isBusy) event.preventDefault()
        else rest.onClick?.(event)
      }}
    >
      {isBusy && <Spinner />}
      {children}
    </button>
  )
}
