import { InvalidValueError, QueryDefinitionError } from '../errors.ts'
import {
  bigintValueType,
  booleanType,
  checkText,
  doubleType,
  timestamptzType,
} from '../schema/scalar-types.ts'
import type { Dialect, SqliteValue, ValueType } from '../schema/value-type.ts'
import { Bound, Param } from './param.ts'

/** Arguments of one run, by name. */
export type Args = Readonly<Record<string, unknown>>
/** A value ready for either driver. */
export type Encoded = SqliteValue | Buffer
/** Turns the arguments of one run into the statement's parameters, in order. Throws `InvalidValueError`. */
export type Encoder = (args: Args) => Encoded[]

function inferType(value: unknown): ValueType<unknown> {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? bigintValueType : doubleType
  if (typeof value === 'boolean') return booleanType
  if (value instanceof Date) return timestamptzType
  throw new QueryDefinitionError(
    'A list, object or bytes parameter needs a column beside it, or value(column, …).',
  )
}

function encodeAs(dialect: Dialect, type: ValueType<unknown> | undefined, given: unknown): Encoded {
  if (given === null) return null
  if (given === undefined) throw new InvalidValueError('A parameter is missing.')
  if (type === undefined && typeof given === 'string') return checkText(given, 'text')
  const known = type ?? inferType(given)
  return dialect === 'sqlite' ? known.toSqlite(known.check(given)) : known.toPostgres(known.check(given))
}

/** The source of one parameter, and what it uses by names that no other parameter has. */
class SlotSource {
  readonly uses = new Map<string, unknown>()
  readonly #suffix: number

  constructor(suffix: number) {
    this.#suffix = suffix
  }

  #use(letter: string, what: unknown): string {
    const name = `${letter}${this.#suffix}`
    this.uses.set(name, what)
    return name
  }

  write(dialect: Dialect, parameter: unknown): string {
    const { value, type } = parameter instanceof Bound ? parameter : new Bound(parameter)
    const encode = (given: unknown) => encodeAs(dialect, type, given)
    if (!(value instanceof Param)) return this.#use('k', encode(value))
    const { name, of, fallback } = value
    const given = `a${[...(of === undefined ? [] : [of]), name].map((key) => `[${JSON.stringify(key)}]`).join('')}`
    const absent = fallback === undefined ? `${this.#use('m', encode)}()` : this.#use('k', encode(fallback))
    const to = type && (dialect === 'sqlite' ? type.toSqlite : type.toPostgres)
    const present = type
      ? `${this.#use('t', to)}(${this.#use('c', type.check)}(x))`
      : `${this.#use('e', encode)}(x)`
    return `(x=${given})===null?null:x===undefined?${absent}:${present}`
  }
}

/**
 * Writes a function that encodes all parameters of one statement, each by the check and the form of its own column, so
 * that V8 sees one kind of value at each place and can compile them in line; a loop over columns costs twice as much.
 * Only the names of arguments go into the source, as JSON strings.
 */
export function createEncoder(dialect: Dialect, parameters: readonly unknown[]): Encoder {
  const slots = parameters.map((_, i) => new SlotSource(i))
  const sources = parameters.map((parameter, i) => slots[i]?.write(dialect, parameter))
  const uses = slots.flatMap((slot) => [...slot.uses])
  const body = `return (a)=>{let x;return [${sources.join(',')}]}`
  const encode: unknown = new Function(...uses.map(([name]) => name), body)(...uses.map(([, what]) => what))
  if (typeof encode !== 'function') throw new TypeError('The parameter encoder did not compile.')
  return encode as Encoder
}
