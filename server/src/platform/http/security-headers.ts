import { createHash } from 'node:crypto'

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

/** The headers of a page without any script; `style` is the text of its one style element, allowed by its hash. */
export function plainPageSecurityHeaders({ isHttps, style }: { isHttps: boolean; style: string }): Headers {
  const hash = createHash('sha256').update(style).digest('base64')
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`
  return { ...common(isHttps), 'content-security-policy': policy, 'cache-control': 'no-store' }
}
