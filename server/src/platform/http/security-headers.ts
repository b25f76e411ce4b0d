import { createHash } from 'node:crypto'

/** Headers by lower-case name. */
export type Headers = Readonly<Record<string, string>>

/** Headers of one answer by lower-case name; a list of values for `set-cookie` alone (RFC 9110, section 5.3). */
export type AnswerHeaders = Readonly<Record<string, string | string[]>>

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

/** What pages may ask of a browser: to sign in with a passkey and to copy. Features that not every Chromium knows are left out, because it complains of them in each page. */
const PERMISSIONS = [
  'publickey-credentials-create=(self)',
  'publickey-credentials-get=(self)',
  'clipboard-write=(self)',
  ...[
    ...['accelerometer', 'autoplay', 'camera', 'clipboard-read', 'display-capture'],
    ...['encrypted-media', 'fullscreen', 'gamepad', 'geolocation', 'gyroscope', 'hid', 'idle-detection'],
    ...['keyboard-map', 'local-fonts', 'magnetometer', 'microphone', 'midi', 'otp-credentials', 'payment'],
    ...['picture-in-picture', 'screen-wake-lock', 'serial', 'storage-access', 'usb', 'window-management'],
    'xr-spatial-tracking',
  ].map((feature) => `${feature}=()`),
].join(', ')

/**
 * The headers of a page that runs our own program (C40): by nonce and by what that loads, without any way to make script of
 * text (Trusted Types), and with this server alone to speak to. Every answer needs a nonce of its own.
 */
export function appPageSecurityHeaders({ isHttps }: { isHttps: boolean }): (nonce: string) => Headers {
  const unchanging = { ...common(isHttps), 'permissions-policy': PERMISSIONS, 'cache-control': 'no-store' }
  const own = ['connect-src', 'font-src', 'manifest-src', 'form-action'].map((each) => `${each} 'self'`)
  const none = ['base-uri', 'object-src', 'frame-ancestors', 'trusted-types'].map((each) => `${each} 'none'`)
  return (nonce) => {
    const policy = [
      "default-src 'none'",
      `script-src 'nonce-${nonce}' 'strict-dynamic'`,
      `style-src 'self' 'nonce-${nonce}'`,
      "img-src 'self' data:",
      ...own,
      ...none,
      "require-trusted-types-for 'script'",
    ].join('; ')
    return { ...unchanging, 'content-security-policy': policy }
  }
}
