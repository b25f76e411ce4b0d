import { ApiProblem } from '../../../lib/problem.ts'

/**
 * Names attempts, so that the server carries each out once however often it is sent. A name lasts until there is an answer:
 * after none came, nobody knows whether it was carried out, and the same is sent under the same name. Other values are
 * another attempt.
 */
export function createAttempts() {
  let open: { readonly name: string; readonly values: string } | undefined

  return async function attempt<T>(values: unknown, send: (name: string) => Promise<T>): Promise<T> {
    const text = JSON.stringify(values)
    const { name } = open?.values === text ? open : { name: crypto.randomUUID() }
    open = { name, values: text }
    try {
      const done = await send(name)
      open = undefined
      return done
    } catch (error) {
      if (isAnswered(error)) open = undefined
      throw error
    }
  }
}

function isAnswered(error: unknown): boolean {
  const problem = error instanceof ApiProblem ? error : causeOf(error)
  return problem !== undefined && !problem.asksForProof && problem.code !== 'http.idempotency_in_flight'
}

function causeOf(error: unknown): ApiProblem | undefined {
  return error instanceof Error && error.cause instanceof ApiProblem ? error.cause : undefined
}
