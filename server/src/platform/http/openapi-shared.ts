import type { Answer, OpenApiDocument } from './openapi-document.ts'

/** The name of a refusal: its codes. */
function nameOf({ description, content }: Answer): string | undefined {
  if (content === undefined || !('application/problem+json' in content)) return undefined
  return [...description.matchAll(/^`([\w.]+)`: /gm)].map(([, code]) => code).join('-')
}

/**
 * The document with each refusal said once, below `components.responses`, and referred to, when several operations have the
 * same one: most do, and clients are made from it.
 */
export function shareAnswers(document: OpenApiDocument): object {
  const uses = new Map<string | undefined, number>()
  for (const item of Object.values(document.paths)) {
    for (const { responses } of Object.values(item)) {
      for (const name of Object.values(responses).map(nameOf)) uses.set(name, (uses.get(name) ?? 0) + 1)
    }
  }
  const shared: Record<string, Answer> = {}
  const refer = (answer: Answer) => {
    const name = nameOf(answer)
    if (name === undefined || uses.get(name) === 1) return answer
    shared[name] = answer
    return { $ref: `#/components/responses/${name}` }
  }
  const paths = mapValues(document.paths, (item) =>
    mapValues(item, (operation) => ({ ...operation, responses: mapValues(operation.responses, refer) })),
  )
  return { ...document, paths, components: { ...document.components, responses: shared } }
}

function mapValues<T, U>(values: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]))
}
