import { type ComponentPropsWithRef, type ReactNode, useId } from 'react'
import { classNames } from './class-names.ts'

const CONTROL =
  'block w-full min-h-11 rounded-md border bg-surface px-3 py-2 text-ink placeholder:text-ink-soft disabled:bg-sunken'

function controlClass(isRefused = false): string {
  return classNames(CONTROL, isRefused ? 'border-2 border-danger' : 'border-line-strong')
}

/** What the label, hint and error of a field are. */
export interface FieldText {
  readonly label: ReactNode
  readonly hint?: ReactNode
  /** What is wrong, in one sentence. */
  readonly error?: string | undefined
}

interface FrameProps extends FieldText {
  children(control: {
    id: string
    className: string
    'aria-describedby': string | undefined
    'aria-invalid': true | undefined
  }): ReactNode
}

/** A label over a control, with its hint and its error tied to it for screen readers. */
export function Field({ label, hint, error, children }: FrameProps) {
  const id = useId()
  const described = [hint !== undefined && `${id}-hint`, error !== undefined && `${id}-error`].filter(Boolean)
  return (
    <div className="grid gap-1">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      {hint !== undefined && (
        <p id={`${id}-hint`} className="text-sm text-ink-soft">
          {hint}
        </p>
      )}
      {children({
        id,
        className: controlClass(error !== undefined),
        'aria-describedby': described.join(' ') || undefined,
        'aria-invalid': error !== undefined || undefined,
      })}
      {error !== undefined && (
        <p id={`${id}-error`} className="text-sm font-medium text-danger">
          {error}
        </p>
      )}
    </div>
  )
}

/** A field of one line. */
export function TextField({ label, hint, error, ...input }: FieldText & ComponentPropsWithRef<'input'>) {
  return (
    <Field {...{ label, hint, error }}>
      {(control) => <input type="text" {...input} {...control} className={control.className} />}
    </Field>
  )
}

/** A field of several lines. */
export function TextAreaField({
  label,
  hint,
  error,
  ...input
}: FieldText & ComponentPropsWithRef<'textarea'>) {
  return (
    <Field {...{ label, hint, error }}>{(control) => <textarea rows={4} {...input} {...control} />}</Field>
  )
}

/** A choice of one from a few; its options are the children. */
export function SelectField({ label, hint, error, ...select }: FieldText & ComponentPropsWithRef<'select'>) {
  return <Field {...{ label, hint, error }}>{(control) => <select {...select} {...control} />}</Field>
}

/** A box to tick, with its label beside it. */
export function CheckField({ label, hint, error, ...input }: FieldText & ComponentPropsWithRef<'input'>) {
  const id = useId()
  const more = error ?? hint
  return (
    <div className="grid gap-1">
      <label htmlFor={id} className="flex min-h-11 items-center gap-3">
        <input
          id={id}
          type="checkbox"
          className="size-5 shrink-0 accent-accent"
          {...input}
          aria-describedby={more === undefined ? undefined : `${id}-more`}
          aria-invalid={error !== undefined || undefined}
        />
        <span>{label}</span>
      </label>
      {more !== undefined && (
        <p
          id={`${id}-more`}
          className={classNames('pl-8 text-sm', error === undefined ? 'text-ink-soft' : 'text-danger')}
        >
          {more}
        </p>
      )}
    </div>
  )
}
