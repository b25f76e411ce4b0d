import { matchesPattern } from './path-pattern.ts'

/** What a token is bound to, as far as a use of a credential goes. */
export interface TokenBinding {
  readonly credentialId: string | null
  readonly pathPatterns: readonly string[]
}

/** What a token is to be used for; without a path when the request is not for the gateway. */
export interface Reach {
  readonly credentialId: string
  readonly path?: string
}

/** Whether a token was made for this. One that is bound to paths opens the gateway and nothing else. */
export function tokenReaches(
  { credentialId, pathPatterns }: TokenBinding,
  { credentialId: wanted, path }: Reach,
): boolean {
  if (credentialId !== null && credentialId !== wanted) return false
  if (pathPatterns.length === 0) return true
  return path !== undefined && pathPatterns.some((pattern) => matchesPattern(pattern, path))
}
