import type { JsonSchema } from './operations.ts'
import type { Random } from './random.ts'

/** Names and things that really exist, so that requests get past the door. */
export interface KnownThings {
  readonly usernames: readonly string[]
  readonly emails: readonly string[]
  /** The password of everyone; must never be seen again. */
  readonly password: string
  readonly ids: readonly string[]
}

/** A value that a schema takes, chosen by the name of its field where the schema alone does not say enough. */
export function sampleOf(name: string, schema: JsonSchema, from: Sampling): unknown {
  const { random } = from
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return random.pick(schema.enum)
  const [alternative] = schema.anyOf ?? []
  if (alternative) return sampleOf(name, alternative, from)
  switch (typeOf(schema)) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([key, each]) => [key, sampleOf(key, each, from)]),
      )
    case 'array':
      return [sampleOf(name, schema.items ?? {}, from)]
    case 'integer':
    case 'number':
      return schema.minimum ?? 1
    case 'boolean':
      return random.next() < 0.5
    default:
      return textFor(name, schema, from)
  }
}

export interface Sampling {
  readonly random: Random
  readonly known: KnownThings
}

/** The type of a schema, null aside. */
export function typeOf(schema: JsonSchema): string {
  const types = [schema.type ?? (schema.properties ? 'object' : 'string')].flat()
  return types.find((each) => each !== 'null') ?? 'string'
}

function textFor(name: string, schema: JsonSchema, { random, known }: Sampling): string {
  if (schema.format === 'uuid' || /(^|_)id$/.test(name)) return random.pick(known.ids)
  if (schema.format === 'date-time') return '2030-01-01T00:00:00.000Z'
  if (schema.format === 'uri') return 'https://example.test/'
  if (/password/.test(name)) return known.password
  if (/username/.test(name)) return random.pick([...known.usernames, `fz_${random.word(12)}`])
  if (/email/.test(name)) return random.pick([...known.emails, `${random.word(12)}@example.test`])
  const length = Math.min(Math.max(schema.minLength ?? 0, 12), schema.maxLength ?? 12)
  return random.word(length)
}
