import { parseArgs } from 'node:util'
import { UsageError } from './usage-error.ts'

/** What a command may use of the world; tests give it one of their own. */
export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  /** One line for whoever reads the result. */
  readonly write: (line: string) => void
  /** One line about what is wrong, or about how far the work is. */
  readonly complain: (line: string) => void
  /** Fires when the operator wants the command to stop. */
  readonly signal: AbortSignal
}

interface TextOption {
  readonly type: 'string'
  /** What stands for the value in the help. */
  readonly value: string
  readonly summary: string
  readonly isRequired?: boolean
}

/** Text that may be given any number of times. */
interface ListOption {
  readonly type: 'list'
  readonly value: string
  readonly summary: string
}

interface FlagOption {
  readonly type: 'boolean'
  readonly summary: string
}

export type Options = Readonly<Record<string, TextOption | ListOption | FlagOption>>

type Values<O extends Options> = {
  readonly [K in keyof O]: O[K] extends FlagOption
    ? boolean
    : O[K] extends ListOption
      ? readonly string[]
      : O[K] extends { readonly isRequired: true }
        ? string
        : string | undefined
}

interface CommandDefinition<O extends Options, W extends readonly string[]> {
  /** What it does, one line each, under the usage. */
  readonly description: readonly string[]
  /** Names of the words that must follow the command, e.g. `['DIR']`. */
  readonly words?: W
  readonly options: O
  /** Resolves to the exit code; 0 when it gives none. */
  run(
    context: CommandContext,
    given: { readonly options: Values<O>; readonly words: { readonly [K in keyof W]: string } },
  ): Promise<number | undefined> | Promise<void>
}

/** A command, ready to be run with what stands behind its name. */
export interface Command {
  readonly description: readonly string[]
  readonly words: readonly string[]
  readonly options: Options
  run(context: CommandContext, args: readonly string[]): Promise<number>
}

/** Declares a command. Its arguments are checked before it runs: `UsageError` for anything else. */
export function defineCommand<const O extends Options, const W extends readonly string[] = []>(
  definition: CommandDefinition<O, W>,
): Command {
  const { description, options } = definition
  const words: readonly string[] = definition.words ?? []
  return {
    description,
    words,
    options,
    async run(context, args) {
      const given = parse(args, options)
      requireWords(given.words, words)
      const code = await definition.run(context, {
        options: given.values as Values<O>,
        words: given.words as { readonly [K in keyof W]: string },
      })
      return code ?? 0
    },
  }
}

interface OptionToken {
  readonly name: string
  /** As it was typed, with its dashes. */
  readonly rawName: string
  readonly value?: string | undefined
}

function readOption(token: OptionToken, options: Options): string | boolean {
  const option = options[token.name]
  if (!option) throw new UsageError(`There is no option ${token.rawName}`, { like: token.name, options })
  if (option.type === 'boolean' && token.value !== undefined) {
    throw new UsageError(`The option --${token.name} takes no value.`)
  }
  if (option.type !== 'boolean' && !token.value) {
    throw new UsageError(`The option --${token.name} needs a value: --${token.name} ${option.value}.`)
  }
  return token.value ?? true
}

type GivenValue = string | boolean | string[]

function fillIn(values: Record<string, GivenValue>, options: Options): void {
  for (const [name, option] of Object.entries(options)) {
    if (option.type === 'boolean') values[name] ??= false
    else if (option.type === 'list') values[name] ??= []
    else if (option.isRequired && !(name in values)) {
      throw new UsageError(`The option --${name} ${option.value} is missing.`)
    }
  }
}

function parse(args: readonly string[], options: Options) {
  const config = Object.fromEntries(
    Object.entries(options).map(([name, { type }]) => [
      name,
      { type: type === 'boolean' ? type : ('string' as const) },
    ]),
  )
  const { tokens } = parseArgs({ args: [...args], options: config, tokens: true, strict: false })
  const values: Record<string, GivenValue> = {}
  const words: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value)
    if (token.kind !== 'option') continue
    const value = readOption(token, options)
    const before = values[token.name]
    if (options[token.name]?.type === 'list') {
      values[token.name] = [...(Array.isArray(before) ? before : []), String(value)]
      continue
    }
    if (before !== undefined) throw new UsageError(`The option --${token.name} is given twice.`)
    values[token.name] = value
  }
  fillIn(values, options)
  return { values, words }
}

function requireWords(given: readonly string[], expected: readonly string[]): void {
  const missing = expected[given.length]
  if (missing !== undefined) throw new UsageError(`${missing} is missing.`)
  if (given.length > expected.length)
    throw new UsageError(`"${given[expected.length]}" is one word too many.`)
}
