/** `value` when it is a path on this site, and nothing otherwise: links that lead away after sign-in are a trap. */
export function pathWithin(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^\/(?![/\\])/.test(value)) return undefined
  const url = new URL(value, location.origin)
  return url.origin === location.origin ? url.pathname + url.search + url.hash : undefined
}
