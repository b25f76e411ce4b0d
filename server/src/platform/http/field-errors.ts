import type { FieldError } from '@outcry/contract/problem'
import type { TSchema } from 'typebox'
import type { TLocalizedValidationError } from 'typebox/error'
import { pathText } from './json-body.ts'

const MAX_ERRORS = 20

/** What was checked: against which schema, and what its paths start with. */
export interface CheckedSubject {
  readonly root: string
  readonly schema: TSchema
  readonly value: unknown
}

/** A checker's findings in plain words, at most one per field and twenty in all. Never repeats what was sent. */
export function fieldErrors(
  subject: CheckedSubject,
  findings: readonly TLocalizedValidationError[],
): FieldError[] {
  const errors = new Map<string, FieldError>()
  for (const finding of findings) {
    for (const { path, message } of explain(subject, finding)) {
      if (!errors.has(path) && errors.size < MAX_ERRORS) errors.set(path, { path, message })
    }
  }
  return [...errors.values()]
}

function explain({ root, schema, value }: CheckedSubject, finding: TLocalizedValidationError): FieldError[] {
  const steps = stepsOf(finding.instancePath, value)
  if (finding.keyword === 'required') {
    return finding.params.requiredProperties.map((name) => ({
      path: pathText(root, [...steps, name]),
      message: 'is required',
    }))
  }
  return [{ path: pathText(root, steps), message: refusalAt(schema, finding) ?? messageOf(finding) }]
}

/** JSON pointer steps (RFC 6901), indexes of arrays as numbers. */
function stepsOf(pointer: string, value: unknown): (string | number)[] {
  const steps: (string | number)[] = []
  let here = value
  for (const raw of pointer.split('/').slice(1)) {
    const name = raw.replaceAll('~1', '/').replaceAll('~0', '~')
    steps.push(Array.isArray(here) ? Number(name) : name)
    here = isObject(here) ? here[name] : undefined
  }
  return steps
}

/** The schema's own words for a text that misses its pattern or format: its `x-refusal`. */
function refusalAt(schema: TSchema, finding: TLocalizedValidationError): string | undefined {
  if (finding.keyword !== 'pattern' && finding.keyword !== 'format') return undefined
  let here: unknown = schema
  for (const step of finding.schemaPath.split('/').slice(1)) {
    if (!isObject(here)) return undefined
    here = here[step.replaceAll('~1', '/').replaceAll('~0', '~')] ?? here
  }
  const refusal = isObject(here) ? here['x-refusal'] : undefined
  return typeof refusal === 'string' ? refusal : undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  null: 'null',
}

function messageOf(finding: TLocalizedValidationError): string {
  switch (finding.keyword) {
    case 'type':
      return `must be ${[finding.params.type]
        .flat()
        .map((type) => typeNames[type] ?? type)
        .join(' or ')}`
    case 'minLength':
      return finding.params.limit === 1
        ? 'must not be empty'
        : `must have at least ${finding.params.limit} characters`
    case 'maxLength':
      return `must have at most ${finding.params.limit} characters`
    case 'minimum':
      return `must be at least ${finding.params.limit}`
    case 'maximum':
      return `must be at most ${finding.params.limit}`
    case 'exclusiveMinimum':
      return `must be more than ${finding.params.limit}`
    case 'exclusiveMaximum':
      return `must be less than ${finding.params.limit}`
    case 'multipleOf':
      return `must be a multiple of ${finding.params.multipleOf}`
    case 'minItems':
      return `must have at least ${finding.params.limit} entries`
    case 'maxItems':
      return `must have at most ${finding.params.limit} entries`
    case 'uniqueItems':
      return 'must not repeat an entry'
    case 'enum':
      return `must be one of ${finding.params.allowedValues.map(String).join(', ')}`
    case 'const':
      return `must be ${String(finding.params.allowedValue)}`
    case 'format':
      return `must be a valid ${finding.params.format}`
    default:
      return 'is not in the expected form'
  }
}
