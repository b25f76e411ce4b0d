import { problemContentType, problemTypePrefix } from '@outcry/contract/problem'
import type { AppError } from '../errors.ts'

export { problemContentType }

const UNPROCESSABLE = 422

/**
 * The problem+json text of an error: its code, its sentence, its fields, and nothing else it knows. A 422 always names a
 * field: the body as a whole where no single one is at fault.
 */
export function renderProblem(error: AppError, requestId: string): string {
  const {
    status,
    detail,
    errors = status === UNPROCESSABLE ? [{ path: 'body', message: detail }] : undefined,
  } = error
  return JSON.stringify({
    type: problemTypePrefix + error.code,
    title: titleOf(error.code),
    status,
    detail,
    instance: requestId,
    code: error.code,
    ...(errors ? { errors } : {}),
  })
}

/** `vault.credential_unreadable` reads "Credential unreadable". */
export function titleOf(code: string): string {
  const words = code.slice(code.indexOf('.') + 1).replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
