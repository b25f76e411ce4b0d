/** What systems, Node and its libraries name a failure by, such as `ECONNRESET`; too narrow for a key or a code of a person. */
const KNOWN_CODE = /^(?:E[A-Z_]{2,14}|(?:UND_)?ERR_[A-Z0-9_]{1,40})$/

function knownCode(thrown: unknown): string | undefined {
  try {
    const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined
    return typeof code === 'string' && KNOWN_CODE.test(code) ? code : undefined
  } catch {
    return undefined // it does not let itself be read
  }
}

/**
 * What was thrown, for the log. What is no error is told by its type and a well-known `code` alone: the rest of it may be a
 * secret. Never throws.
 */
export function asError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown
  const type = thrown === null ? 'null' : typeof thrown
  const error = new Error(`What was thrown is no error but of type ${type}.`)
  const code = knownCode(thrown)
  return code === undefined ? error : Object.assign(error, { code })
}
