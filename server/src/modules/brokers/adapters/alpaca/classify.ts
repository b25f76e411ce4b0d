import type { Outcome, ProviderAnswer } from '../adapter.ts'

const CUT_AT = 16 * 1024 // a body of this many bytes may have lost its end
const NOT_ALLOWED = /^403\d{5}$/ // such as 40310000: too little buying power, or trading suspended by the account's owner

/**
 * Tells what an answer of Alpaca's says of the key. Bodies are whatever comes: JSON, plain text, or a page of a gateway
 * in front of the API. Never throws. A 401 also answers a good key of the other environment, which only asking
 * there tells apart. A body that was not read (empty) says nothing against the key.
 */
export function classifyAlpacaAnswer(answer: ProviderAnswer): Outcome {
  const { status } = answer
  if (status >= 200 && status < 300) return classifySuccess(answer)
  if (status === 401) return 'rejected'
  if (status === 403) return classifyForbidden(answer)
  if (status === 429) return 'rate_limited'
  return status >= 400 && status < 500 && status !== 408 && !isPage(answer) ? 'ok' : 'unreachable'
}

function classifySuccess({ headers, body }: ProviderAnswer): Outcome {
  if (isPage({ headers, body })) return 'unreachable'
  if (body === '') return 'ok'
  const value = parsed(body)
  if (value === undefined && Buffer.byteLength(body) < CUT_AT) return 'unreachable'
  return isTrue(value, 'account_blocked') || isTrue(value, 'trading_blocked') ? 'blocked' : 'ok'
}

/** A missing key is `{message}` alone; a code of its own is about what was asked for, which the key may not do now. */
function classifyForbidden({ headers, body }: ProviderAnswer): Outcome {
  if (isPage({ headers, body })) return 'unreachable'
  return NOT_ALLOWED.test(String(fieldOf(parsed(body), 'code'))) ? 'ok' : 'rejected'
}

function isPage({ headers, body }: Pick<ProviderAnswer, 'headers' | 'body'>): boolean {
  return String(headers['content-type']).startsWith('text/html') || body.trimStart().startsWith('<')
}

function isTrue(value: unknown, field: string): boolean {
  return fieldOf(value, field) === true
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, field) : undefined
}

/** The value of a JSON text; `undefined` for any other. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
