import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'

/** A command called in a way it cannot be. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}

/** A function that can also be called with JSON nobody has looked at yet. */
export type Command<S extends TSchema, R> = ((input: Static<S>) => R) & {
  schema: S
  /** Checks the input first; throws `CommandError` with the first thing that is wrong. */
  fromJson(body: unknown): R
}

export function command<S extends TSchema, R>(schema: S, act: (input: Static<S>) => R): Command<S, R> {
  const validator = Compile(schema)
  const run = (input: Static<S>) => act(input)
  return Object.assign(run, {
    schema,
    fromJson(body: unknown) {
      if (validator.Check(body)) return act(body)
      const [first] = validator.Errors(body)
      throw new CommandError(
        `The body does not fit: ${first?.instancePath || 'it'} ${first?.message ?? 'is wrong'}.`,
      )
    },
  })
}
