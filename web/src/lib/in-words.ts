/** A text with a capital at its beginning. */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** What the server calls `token_signing`, as people say it: `Token signing`. */
export function inWords(name: string): string {
  return capitalised(name.replaceAll('_', ' '))
}
