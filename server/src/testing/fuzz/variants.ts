import { byteMutations, fieldMutations, framingMutations, shapeMutations } from './hostile-bodies.ts'
import { headerMutations } from './hostile-headers.ts'
import { fillPath, pathMutations, queryMutations } from './hostile-targets.ts'
import type { Operation } from './operations.ts'
import type { Random } from './random.ts'
import type { Mutation, RequestDraft } from './request-draft.ts'
import { type KnownThings, sampleOf } from './sample.ts'

/** One hostile request, and what was done to it. */
export interface Variant {
  readonly label: string
  readonly draft: RequestDraft
}

export interface VariantOptions {
  readonly random: Random
  readonly known: KnownThings
  /** Whose request it is; none for somebody signed out. */
  readonly token: string | undefined
  readonly count: number
}

/** A request that the operation takes. */
export function validRequest(operation: Operation, { random, known, token }: VariantOptions): RequestDraft {
  const fill = (name: string) => random.pick(name === 'id' ? [...known.ids, ...known.usernames] : known.ids)
  const { body } = operation
  const sample = body && sampleOf('body', body.schema, { random, known })
  const isForm = body?.contentType === 'application/x-www-form-urlencoded'
  const text = isForm
    ? new URLSearchParams(sample as Record<string, string>).toString()
    : JSON.stringify(sample)
  return {
    method: operation.method,
    path: fillPath(operation.path, fill),
    query: '',
    headers: [
      ['Host', 'localhost'],
      ...(token === undefined ? [] : [['Authorization', `Bearer ${token}`] as const]),
      ...(body ? [['Content-Type', body.contentType] as const] : []),
    ],
    body: body ? Buffer.from(text) : undefined,
    framing: 'length',
    isUnfinished: false,
  }
}

/** Bodies on operations that take none, so that their framing and bytes are tried there too. */
function bodiesWhereNoneBelong(): Mutation[] {
  return ['{}', '[', '\x00', 'a=1', '"'.repeat(200_000)].map((text) => ({
    label: `unasked body ${text.slice(0, 20)}`,
    apply: (draft) => ({ ...draft, body: Buffer.from(text) }),
  }))
}

/** The ways to spoil an operation's requests, by what they spoil; each way must get its turn. */
function mutationGroups(operation: Operation, random: Random): Mutation[][] {
  const { body } = operation
  return [
    ...(body
      ? [fieldMutations(body), shapeMutations(body), byteMutations(random)]
      : [bodiesWhereNoneBelong()]),
    framingMutations(),
    headerMutations(),
    pathMutations(operation),
    queryMutations(operation),
  ]
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items]
  return Array.from(items, () => left.splice(random.below(left.length), 1)[0] as T)
}

/**
 * That many hostile requests for one operation: drawn in turn from every group of mutations until all were used once, then
 * two mutations at a time.
 */
export function* variantsOf(operation: Operation, options: VariantOptions): Generator<Variant> {
  const { random, count } = options
  const groups = mutationGroups(operation, random)
  const decks = groups.map((group) => shuffled(group, random))
  for (let made = 0; made < count; made++) {
    const deck = decks[made % decks.length]?.pop() ?? decks.find((each) => each.length > 0)?.pop()
    const chosen = deck ? [deck] : [random.pick(groups.flat()), random.pick(groups.flat())]
    const draft = chosen.reduce((each, mutation) => mutation.apply(each), validRequest(operation, options))
    yield { label: chosen.map(({ label }) => label).join(' + '), draft }
  }
}
