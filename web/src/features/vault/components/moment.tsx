import { formatInstant } from '../../../lib/format.ts'

/** A moment, or what is said when there is none. */
export function Moment({ at, none }: { readonly at: string | null; readonly none: string }) {
  return at === null ? none : <time dateTime={at}>{formatInstant(at)}</time>
}
