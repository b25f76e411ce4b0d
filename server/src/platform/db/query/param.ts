import type { ValueType } from '../schema/value-type.ts'

/** Stands in a built query for an argument that each run brings along. */
export class Param {
  readonly name: string
  /** The argument that it is a property of, where arguments are whole rows. */
  readonly of: string | undefined
  /** What stands for an argument that a run leaves out; without one, each run must bring it. */
  readonly fallback: unknown

  constructor(name: string, more: { of?: string; fallback?: unknown } = {}) {
    this.name = name
    this.of = more.of
    this.fallback = more.fallback
  }
}

/** A parameter as the compiler leaves it: its type when a column beside it told, and its value or the argument's name. */
export class Bound {
  readonly type: ValueType<unknown> | undefined
  readonly value: unknown
  constructor(value: unknown, type?: ValueType<unknown>) {
    this.value = value
    this.type = type
  }
}

/**
 * Gives the builder something to put where arguments go. To the compiler each property has the argument's type; at run
 * time it is a `Param`, which Kysely treats as an opaque value.
 */
export function paramsOf<P>(): P {
  return new Proxy({}, { get: (_target, name) => new Param(String(name)) }) as P
}
