import type { FieldError } from '@outcry/contract/problem'
import { useMutation } from '@tanstack/react-query'
import { type RefObject, useEffect, useRef } from 'react'
import { capitalised } from './in-words.ts'
import { ApiProblem, sentenceOf, type Wait } from './problem.ts'
import { withProof } from './step-up.ts'

/** What a form shows of the sending of its values. */
interface Submission<Values> {
  send(values: Values): void
  readonly isBusy: boolean
  /** One sentence when it failed for a reason that is no single field's. */
  readonly failure: string | undefined
  /** How long to wait until it may succeed, where waiting helps. */
  readonly wait: Wait | undefined
  /** What is wrong with the field of this name in the request's body. */
  errorOf(field: string): string | undefined
  /** What was thrown, for what a sentence does not tell. */
  readonly error: Error | null
  /** For the form itself: its first refused field gets the focus. */
  readonly form: RefObject<HTMLFormElement | null>
  reset(): void
}

/** What happens with a form's values. */
interface SubmitOptions<Values, Result> {
  send(values: Values): Promise<Result>
  onDone?: (result: Result, values: Values) => void
  /** Fields that the form shows; what the server says of others is said in one sentence. */
  readonly fields?: readonly string[]
  /** The field that an error code is about, where the server names none. */
  readonly fieldOfCode?: Readonly<Record<string, string>>
}

/** Sends a form: one at a time, with a proof of identity where the server asks for one, its refusals told field by field. */
export function useSubmit<Values = void, Result = unknown>({
  send,
  onDone,
  fields = [],
  fieldOfCode = {},
}: SubmitOptions<Values, Result>): Submission<Values> {
  // Note: known at once, while `isPending` is known at the next drawing: two presses may come before that.
  const isUnderWay = useRef(false)
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: (values: Values) => withProof(() => send(values)),
    onSuccess: (result: Result, values: Values) => onDone?.(result, values),
    onSettled() {
      isUnderWay.current = false
    },
    // Note: what was sent may be a secret; it is forgotten with the form.
    gcTime: 0,
  })
  const refused = refusedFields(error, fieldOfCode)
  const form = useFocusOnRefusal(refused.length > 0)
  const nameOf = (path: string) => path.replace(/^(?:body|query|params)\./, '')
  const isShown = refused.length > 0 && refused.every(({ path }) => fields.includes(nameOf(path)))
  return {
    send: (values) => {
      if (isUnderWay.current) return
      isUnderWay.current = true
      mutate(values)
    },
    isBusy: isPending,
    failure: error === null || isShown ? undefined : sentenceOf(error),
    wait: error instanceof ApiProblem ? error.wait : undefined,
    errorOf: (field) => {
      const message = refused.find(({ path }) => nameOf(path) === field)?.message
      return message === undefined ? undefined : sentence(message)
    },
    error,
    form,
    reset,
  }
}

function refusedFields(
  error: Error | null,
  fieldOfCode: Readonly<Record<string, string>>,
): readonly FieldError[] {
  if (!(error instanceof ApiProblem)) return []
  const field = fieldOfCode[error.code]
  return field !== undefined && error.errors.length === 0
    ? [{ path: field, message: error.message }]
    : error.errors
}

function useFocusOnRefusal(isRefused: boolean): RefObject<HTMLFormElement | null> {
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (isRefused) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [isRefused])
  return form
}

function sentence(message: string): string {
  return `${capitalised(message)}${/[.!?]$/.test(message) ? '' : '.'}`
}
