import { inspect } from 'node:util'

const HIDDEN = '[secret]'

/**
 * A text that must not be shown: printing, logging, JSON and the inspector all give `[secret]`. Only `reveal` gives it out, so
 * that every place that uses a secret can be found by that word.
 */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  reveal(): string {
    return this.#text
  }

  toString(): string {
    return HIDDEN
  }

  toJSON(): string {
    return HIDDEN
  }

  [inspect.custom](): string {
    return HIDDEN
  }
}

/**
 * A URL that may be shown to the operator: user, password and query are taken out. `undefined` when the text cannot be taken
 * apart with certainty; then show nothing of it.
 */
export function maskUrl(text: string): string | undefined {
  if (!/^[a-z][a-z0-9+.-]*:/i.test(text) || !URL.canParse(text)) return undefined
  const url = new URL(text)
  if (url.host === '' && text.includes('@')) return undefined
  const user = url.username === '' && url.password === '' ? '' : '***@'
  return url.host === ''
    ? `${url.protocol}${url.pathname}`
    : `${url.protocol}//${user}${url.host}${url.pathname}`
}
