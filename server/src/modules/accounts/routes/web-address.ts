import { validationFailed } from '../../../platform/http/http-errors.ts'

// Note: a backslash is read as a slash by browsers and as part of a name by others, so the host would be in doubt.
function isWebAddress(text: string): boolean {
  const url = text.includes('\\') ? null : URL.parse(text)
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return false
  return url.username === '' && url.password === ''
}

/**
 * Throws the 422 of the first of these fields that is no web address: only http and https, and nothing before the host that
 * could be taken for it (C75).
 */
export function assertWebAddresses(fields: Readonly<Record<string, string | null | undefined>>): void {
  for (const [name, text] of Object.entries(fields)) {
    if (text === null || text === undefined || isWebAddress(text)) continue
    throw validationFailed([{ path: `body.${name}`, message: 'must be a web address without a name in it' }])
  }
}
