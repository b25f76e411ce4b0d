/** Headers by lower-case name. */
export type Headers = Readonly<Record<string, string>>

const TWO_YEARS = 63_072_000 // seconds; the figure of C40, and of the browsers' preload lists

function common(isHttps: boolean): Headers {
  return {
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    // Note: browsers ignore it over plain HTTP (RFC 6797, section 8.1), so that it would only mislead there.
    ...(isHttps ? { 'strict-transport-security': `max-age=${TWO_YEARS}; includeSubDomains` } : {}),
  }
}

/** The headers of every answer that is not a page (C40): nothing in it may run, be framed or be kept. */
export function apiSecurityHeaders({ isHttps }: { isHttps: boolean }): Headers {
  return {
    ...common(isHttps),
    'content-security-policy':
      "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    'cache-control': 'no-store',
  }
}

/** The headers of a page without any script; `styleHash` is the CSP hash of its one style element. */
export function plainPageSecurityHeaders({
  isHttps,
  styleHash,
}: {
  isHttps: boolean
  styleHash: string
}): Headers {
  const policy = `default-src 'none'; style-src '${styleHash}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`
  return { ...common(isHttps), 'content-security-policy': policy, 'cache-control': 'no-store' }
}
