/** Schemas by title: each is written once among the components and referred to everywhere else. */
export type NamedSchemas = Map<string, { readonly text: string; readonly schema: unknown }>

/**
 * The schema with every titled part replaced by a reference. Throws when two different schemas have one title. Our own
 * keywords that mean nothing to others are left out.
 */
export function referTo(schema: unknown, named: NamedSchemas): unknown {
  if (Array.isArray(schema)) return schema.map((each) => referTo(each, named))
  if (typeof schema !== 'object' || schema === null) return schema
  const entries = Object.entries(schema).filter(([key]) => !key.startsWith('x-'))
  const title = 'title' in schema && typeof schema.title === 'string' ? schema.title : undefined
  const inner = Object.fromEntries(
    entries.map(([key, value]) => [key, isLiteral(key) ? value : referTo(value, named)]),
  )
  if (title === undefined) return inner
  const text = JSON.stringify(inner)
  const known = named.get(title)
  if (known !== undefined && known.text !== text)
    throw new Error(`Two different schemas have the title ${title}.`)
  named.set(title, { text, schema: inner })
  return { $ref: `#/components/schemas/${title}` }
}

function isLiteral(key: string): boolean {
  return key === 'const' || key === 'enum' || key === 'default' || key === 'examples'
}

/** The schemas for `components`, by title. */
export function componentsOf(named: NamedSchemas): Record<string, unknown> {
  const sorted = [...named].sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(sorted.map(([title, { schema }]) => [title, schema]))
}
