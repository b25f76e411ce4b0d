import type { Answer, OpenApiDocument } from './openapi.ts'

/** The name of an answer that refuses with one code alone: that code. */
function codeOf({ description, content }: Answer): string | undefined {
  const [, code] = /^`([\w.]+)`: [^\n]*$/.exec(description) ?? []
  return content !== undefined && 'application/problem+json' in content ? code : undefined
}

/**
 * The document with refusals of one code said once, below `components.responses`, and referred to: most operations have
 * the same ones, and clients are made from it.
 */
export function shareAnswers(document: OpenApiDocument): object {
  const responses: Record<string, Answer> = {}
  const refer = (answer: Answer) => {
    const code = codeOf(answer)
    if (code === undefined) return answer
    responses[code] = answer
    return { $ref: `#/components/responses/${code}` }
  }
  const paths = mapValues(document.paths, (item) =>
    mapValues(item, (operation) => ({ ...operation, responses: mapValues(operation.responses, refer) })),
  )
  return { ...document, paths, components: { ...document.components, responses } }
}

function mapValues<T, U>(values: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]))
}
