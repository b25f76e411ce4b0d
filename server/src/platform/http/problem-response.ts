import { problemContentType, problemTypePrefix } from '@outcry/contract/problem'
import type { AppError } from '../errors.ts'

export { problemContentType }

/** The problem+json text of an error: its code, its sentence, its fields, and nothing else it knows. */
export function renderProblem({ code, status, detail, errors }: AppError, requestId: string): string {
  return JSON.stringify({
    type: problemTypePrefix + code,
    title: titleOf(code),
    status,
    detail,
    instance: requestId,
    code,
    ...(errors ? { errors } : {}),
  })
}

/** `vault.credential_unreadable` reads "Credential unreadable". */
export function titleOf(code: string): string {
  const words = code.slice(code.indexOf('.') + 1).replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
