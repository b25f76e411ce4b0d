const INCLUDED: Readonly<Record<string, readonly string[]>> = { 'broker:trade': ['broker:read'] }

/** The scopes of a token with those that they include. */
export function scopesWithin(scopes: readonly string[]): readonly string[] {
  return [...new Set(scopes.flatMap((scope) => [scope, ...(INCLUDED[scope] ?? [])]))]
}
