import type { PostPatch, PostRow } from './post.table.ts'

/** Every database starts with this many posts, written in order of their numbers. */
export const POSTS = 100_000
export const AUTHORS = 1_000
const FIRST_MS = Date.parse('2029-01-01T00:00:00.000Z')
const SENTENCE = 'The market opened higher, gave half of it back before noon and closed where it had begun. '

/** A well mixed 32-bit number, the same for the same `n` in every process. */
export function scramble(n: number): number {
  let h = Math.imul(n ^ (n >>> 16), 0x45d9f3b)
  h = Math.imul(h ^ (h >>> 16), 0x45d9f3b)
  return (h ^ (h >>> 16)) >>> 0
}

/** A UUIDv7 that grows with `n`, as the product's do. */
export function idOf(n: number, kind = 0): string {
  const time = (FIRST_MS + n).toString(16).padStart(12, '0')
  const tail = scramble(n * 2 + kind)
    .toString(16)
    .padStart(8, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${kind.toString(16)}00-8000-${tail}${tail.slice(0, 4)}`
}

export const authorOf = (n: number): string => idOf(n % AUTHORS, 1)

/** Post number `n`; above `POSTS` a new one. */
export function postOf(n: number): PostRow {
  const isEdited = n % 3 === 0
  const createdMs = FIRST_MS + n * 1_000 + (n % 1_000)
  return {
    id: idOf(n),
    author_id: authorOf(n),
    title: `Note ${n} on the session of the day`,
    body: SENTENCE.repeat(3 + (n % 3)),
    tags: n % 5 === 0 ? [] : [`topic-${n % 50}`, 'daily', 'futures & options'],
    is_pinned: n % 7 === 0,
    meta: { lang: 'en', score: (n % 100) / 4, symbols: ['ES', 'NQ', `X${n % 10}`] },
    view_count: n % 5_000,
    created_at: new Date(createdMs),
    edited_at: isEdited ? new Date(createdMs + 60_000) : null,
  }
}

/** The `step`th change of a post. */
export function patchOf(step: number): PostPatch {
  return {
    title: `Note changed for the ${step}th time`,
    tags: ['changed', `step-${step % 50}`],
    view_count: step,
    edited_at: new Date(FIRST_MS + step),
  }
}
