import type { ComponentProps, ReactNode, RefObject } from 'react'
import { Button } from './button.tsx'
import { classNames } from './class-names.ts'
import { Refusal, type RefusalProps } from './refusal.tsx'

interface FormProps extends Pick<ComponentProps<'form'>, 'autoComplete' | 'onKeyDown' | 'className'> {
  /** How the sending of its values goes. */
  readonly submission: RefusalProps & {
    readonly form: RefObject<HTMLFormElement | null>
    readonly isBusy: boolean
  }
  onSend(): void
  /** What the button that sends says. */
  readonly action: string
  readonly kind?: ComponentProps<typeof Button>['kind']
  /** Whether that button is as wide as the form. */
  readonly isWide?: boolean
  /** The buttons beside it. */
  readonly beside?: ReactNode
  /** The fields. */
  readonly children: ReactNode
}

/** Fields, why they were refused when they were, and the button that sends them. */
export function Form(props: FormProps) {
  const { submission, onSend, action, kind = 'primary', isWide = false, beside, children } = props
  const { autoComplete, onKeyDown, className } = props
  return (
    <form
      {...{ autoComplete, onKeyDown }}
      ref={submission.form}
      className={classNames('grid gap-4', className)}
      onSubmit={(event) => {
        event.preventDefault()
        onSend()
      }}
    >
      {children}
      <Refusal {...submission} />
      <div className="flex flex-wrap gap-2">
        <Button
          type="submit"
          kind={kind}
          isBusy={submission.isBusy}
          {...(isWide ? { className: 'grow' } : {})}
        >
          {action}
        </Button>
        {beside}
      </div>
    </form>
  )
}
