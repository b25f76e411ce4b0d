/** A command cannot do what was asked. One plain sentence for the operator; the process ends with 1. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}
