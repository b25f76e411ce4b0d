import type { FieldError, Problem } from '@outcry/contract/problem'

/** An error whose message is one plain sentence for people. */
export class PlainError extends Error {
  override readonly name: string = 'PlainError'
}

/** For how long to wait, and why. */
export interface Wait {
  readonly seconds: number
  /** The server has too much to do; otherwise somebody did something too often. */
  readonly isCrowded: boolean
}

const CROWDED: readonly string[] = ['http.unavailable', 'accounts.busy']

// Note: other refusals name a time too, and say in their own sentence what for.
function waitOf({ status, code }: Problem, { headers }: Response): Wait | undefined {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  const isCrowded = CROWDED.includes(code)
  return Number.isFinite(seconds) && (isCrowded || status === 429) ? { seconds, isCrowded } : undefined
}

/** An error answer of the server: `message` is its sentence for people. */
export class ApiProblem extends PlainError {
  override readonly name = 'ApiProblem'
  readonly status: number
  readonly code: string
  readonly errors: readonly FieldError[]
  /** How long to wait, where waiting helps. */
  readonly wait: Wait | undefined

  constructor(problem: Problem, response: Response) {
    super(problem.detail)
    this.status = problem.status
    this.code = problem.code
    this.errors = problem.errors ?? []
    this.wait = waitOf(problem, response)
  }

  /** The server asks for a proof of who this is that is at most five minutes old (RFC 9470). */
  get asksForProof(): boolean {
    return this.code === 'http.insufficient_user_authentication' || this.needsFactor
  }

  /** A password alone is no proof here: it takes a code or a passkey. */
  get needsFactor(): boolean {
    return this.code === 'accounts.factor_needed'
  }
}

/** No answer came: the network is down, or the server is. */
export class ConnectionProblem extends PlainError {
  override readonly name = 'ConnectionProblem'

  constructor(cause: unknown) {
    super('The server could not be reached. Check your connection and try again.', { cause })
  }
}

/** One plain sentence about anything that was thrown. */
export function sentenceOf(error: unknown): string {
  if (error instanceof PlainError) return error.message
  return 'Something went wrong on this page. Load it again; if it stays, tell whoever runs this site.'
}

type Answered<T> =
  | { readonly data: T; readonly response: Response }
  | { readonly error: unknown; readonly response: Response }

/**
 * The body of a good answer. Throws `ApiProblem` for an error answer and `ConnectionProblem` when there was none, or one
 * that is not ours, as from a proxy that has lost the server.
 */
export async function answerOf<T>(call: Promise<Answered<T>>): Promise<T> {
  const answer = await call.catch((cause: unknown) => {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw new ConnectionProblem(cause)
  })
  if ('data' in answer) return answer.data
  if (isProblem(answer.error)) throw new ApiProblem(answer.error, answer.response)
  throw new ConnectionProblem(answer.error)
}

/** Whether a body is one of the server's error answers. */
export function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'detail' in value && 'code' in value
}
