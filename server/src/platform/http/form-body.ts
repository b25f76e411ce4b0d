import { isUtf8 } from 'node:buffer'
import { isRefused, parseFormText } from './form-text.ts'
import { httpErrors, validationFailed } from './http-errors.ts'
import { pathText } from './json-body.ts'

/**
 * Reads an `application/x-www-form-urlencoded` body. Throws 400 when it cannot be decoded, 422 when a field is
 * refused or appears twice.
 */
export function parseFormBody(bytes: Buffer): Record<string, string> {
  if (!isUtf8(bytes)) throw httpErrors.malformedBody({ reason: 'it is not valid UTF-8' })
  const fields = parseFormText(bytes.toString('utf8'))
  if (isRefused(fields)) {
    if (fields.malformed) throw httpErrors.malformedBody({ reason: 'it is not properly percent-encoded' })
    throw validationFailed([{ path: pathOf(fields.field), message: fields.reason }])
  }
  const single: Record<string, string> = {}
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value !== 'string') throw validationFailed([{ path: pathOf(name), message: 'appears twice' }])
    single[name] = value
  }
  return single
}

function pathOf(field: string): string {
  return pathText('body', field === '' ? [] : [field])
}
