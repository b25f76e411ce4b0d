import { useMutation } from '@tanstack/react-query'
import { ApiProblem, sentenceOf } from './problem.ts'
import { withProof } from './step-up.ts'

/** What a form shows of the sending of its values. */
export interface Submission<Values> {
  send(values: Values): void
  readonly isBusy: boolean
  /** One sentence when it failed for a reason that is no single field's. */
  readonly failure: string | undefined
  /** What is wrong with the field of this name in the request's body. */
  errorOf(field: string): string | undefined
  reset(): void
}

/** What happens with a form's values. */
export interface SubmitOptions<Values, Result> {
  send(values: Values): Promise<Result>
  onDone?: (result: Result, values: Values) => void
  /** Fields that the form shows; what the server says of others is said in one sentence. */
  readonly fields?: readonly string[]
}

/** Sends a form: one at a time, with a proof of identity where the server asks for one, its refusals told field by field. */
export function useSubmit<Values, Result>({
  send,
  onDone,
  fields = [],
}: SubmitOptions<Values, Result>): Submission<Values> {
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: (values: Values) => withProof(() => send(values)),
    onSuccess: onDone,
  })
  const refused = error instanceof ApiProblem ? error.errors : []
  const nameOf = (path: string) => path.replace(/^(?:body|query|params)\./, '')
  const isShown = refused.length > 0 && refused.every(({ path }) => fields.includes(nameOf(path)))
  return {
    send: (values) => {
      if (!isPending) mutate(values)
    },
    isBusy: isPending,
    failure: error === null || isShown ? undefined : sentenceOf(error),
    errorOf: (field) => {
      const message = refused.find(({ path }) => nameOf(path) === field)?.message
      return message === undefined ? undefined : capitalised(message)
    },
    reset,
  }
}

function capitalised(message: string): string {
  const text = message.charAt(0).toUpperCase() + message.slice(1)
  return /[.!?]$/.test(text) ? text : `${text}.`
}
