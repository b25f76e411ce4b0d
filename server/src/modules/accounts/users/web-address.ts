/** What is said of a text that `isWebAddress` refuses. */
export const NOT_A_WEB_ADDRESS = 'must be a web address without a name in it'

/** Whether a text is a web address: only http and https, and nothing before the host that could be taken for it (C75). */
export function isWebAddress(text: string): boolean {
  // Note: a backslash is read as a slash by browsers and as part of a name by others, so the host would be in doubt.
  const url = text.includes('\\') ? null : URL.parse(text)
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return false
  return url.username === '' && url.password === ''
}
