import { nearestName } from '../config/nearest-name.ts'

/** The command line cannot be understood. One plain sentence; the process ends with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'

  /** With `suggest`, the sentence ends in the nearest name there is. */
  constructor(sentence: string, suggest?: { readonly like: string; readonly options: object }) {
    super(suggest ? `${sentence}${suggestion(suggest.like, Object.keys(suggest.options))}` : sentence)
  }
}

function suggestion(like: string, names: readonly string[]): string {
  return names.length === 0 ? '; this command takes none.' : `; did you mean --${nearestName(like, names)}?`
}
