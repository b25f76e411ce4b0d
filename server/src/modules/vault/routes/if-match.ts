import type { SeenVersion } from '../credentials/version.ts'

/**
 * What `If-Match` says a client has seen (RFC 9110, section 13.1.1): one or more versions in quotes, or `*` for any. A
 * version without quotes is understood; whatever else stands there, a weak one included, matches nothing.
 */
export function seenVersion(ifMatch: string | undefined): SeenVersion {
  if (ifMatch === undefined || ifMatch.trim() === '*') return () => true
  const tags = ifMatch.split(',').map((tag) => tag.trim())
  return (version) => tags.includes(`"${version}"`) || tags.includes(`${version}`)
}
