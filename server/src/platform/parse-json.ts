/**
 * The value of a JSON text, or `undefined` for any other text; never throws. Note: the parser's own message quotes the
 * text, which may hold keys or tokens.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
