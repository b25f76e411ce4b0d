// Note: browsers take `\` for `/`, and what begins with two of them for another host.
const PATH = /^\/(?![/\\])/

/** `value` when it is a path on this site, and nothing otherwise: links that lead away after sign-in are a trap. */
export function pathWithin(value: unknown): string | undefined {
  if (typeof value !== 'string' || !PATH.test(value) || !URL.canParse(value, location.origin))
    return undefined
  const url = new URL(value, location.origin)
  const path = url.pathname + url.search + url.hash
  // Note: taking out the dots of `/.//host` leaves `//host`.
  return url.origin === location.origin && PATH.test(path) ? path : undefined
}
