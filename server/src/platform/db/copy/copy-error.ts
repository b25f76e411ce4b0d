/** A copy, backup or restore cannot go on. One plain sentence for the operator; what was there before is untouched. */
export class CopyError extends Error {
  override readonly name = 'CopyError'
}
