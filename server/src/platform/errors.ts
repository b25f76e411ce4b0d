import type { FieldError } from '@outcry/contract/problem'

type Placeholder<M extends string> = M extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholder<Rest>
  : never

/** What is known about a failure. Placeholders of the message are required; the rest is for the log only. */
export type ErrorDetails<M extends string> = { readonly [K in Placeholder<M>]: string | number } & {
  readonly [extra: string]: unknown
}

/** One error of a catalogue, as it is declared. */
export interface ErrorDefinition<M extends string = string> {
  /** The HTTP status; 400–599. */
  readonly status: number
  /**
   * One plain sentence for people: what happened and what to do. `{name}` is filled from the details; nothing else
   * of the details ever reaches a client.
   */
  readonly message: M
}

/** What goes along with one failure. */
export interface ErrorOptions {
  /** For the log only. */
  readonly cause?: unknown
  /** Sent with the answer, such as `retry-after` or `www-authenticate`; names in lower case, a list for `set-cookie` alone. */
  readonly headers?: Readonly<Record<string, string | string[]>>
  /** The refused fields of a 422. */
  readonly errors?: readonly FieldError[]
  /** The refused field of a 422, such as `body.account_id`, where the whole sentence is about that one. */
  readonly field?: string
  /** That a 403 is heard of like one from the door (C76), because its module writes nothing down. */
  readonly isHeard?: boolean
}

/** What goes along with one failure of this status: with a 422, the fields that it is about. */
type OptionsFor<S extends number> = S extends 422
  ? ErrorOptions & ({ readonly errors: readonly FieldError[] } | { readonly field: string })
  : ErrorOptions

/** A failure that people may be told about. Everything else that is thrown becomes a plain 500. */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly status: number
  /** `<module>.<what_is_wrong>`; stable, clients compare it. */
  readonly code: string
  /** For the log only. */
  readonly details: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, string | string[]>> | undefined
  readonly errors: readonly FieldError[] | undefined
  readonly isHeard: boolean

  constructor(
    definition: { readonly code: string; readonly status: number; readonly message: string },
    details: Readonly<Record<string, unknown>> = {},
    { cause, headers, errors, field, isHeard = false }: ErrorOptions = {},
  ) {
    super(fill(definition.message, details), cause === undefined ? undefined : { cause })
    this.status = definition.status
    this.code = definition.code
    this.details = details
    this.headers = headers
    this.isHeard = isHeard
    this.errors = field === undefined ? errors : [{ path: field, message: this.message }]
  }

  /** The sentence for people. */
  get detail(): string {
    return this.message
  }
}

function fill(message: string, details: Readonly<Record<string, unknown>>): string {
  return message.includes('{') ? message.replace(/\{(\w+)\}/g, (_, name) => String(details[name])) : message
}

type DetailsFor<M extends string> = [Placeholder<M>] extends [never]
  ? Readonly<Record<string, unknown>>
  : ErrorDetails<M>

/** Makes one kind of error; `code` says which. Placeholders in the message need details, and a 422 needs its fields. */
export interface ErrorFactory<M extends string = string, S extends number = number> {
  (
    ...args: S extends 422
      ? [details: DetailsFor<M>, options: OptionsFor<S>]
      : [Placeholder<M>] extends [never]
        ? [details?: DetailsFor<M>, options?: OptionsFor<S>]
        : [details: DetailsFor<M>, options?: OptionsFor<S>]
  ): AppError
  readonly code: string
  readonly status: S
  readonly template: M
}

/** One module's errors, by the camelCase name its code gives them. */
export type ErrorCatalogue = Readonly<Record<string, ErrorFactory>>

type Factories<D extends Readonly<Record<string, ErrorDefinition>>> = {
  readonly [K in keyof D]: ErrorFactory<D[K]['message'], D[K]['status']>
}

/**
 * Declares a module's errors: `credentialUnreadable` of `vault` gets the code `vault.credential_unreadable`.
 * Throws when a status is not an error status.
 */
export function defineErrors<const D extends Readonly<Record<string, ErrorDefinition>>>(
  module: string,
  definitions: D,
): Factories<D> {
  const factories: Record<string, unknown> = {}
  for (const [name, { status, message }] of Object.entries(definitions)) {
    if (status < 400 || status > 599) throw new RangeError(`${module}.${name} has no error status.`)
    const code = `${module}.${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`
    const definition = { code, status, message }
    const make = (details?: Readonly<Record<string, unknown>>, options?: ErrorOptions) =>
      new AppError(definition, details, options)
    factories[name] = Object.assign(make, { code, status, template: message })
  }
  return factories as Factories<D>
}

/** What the documentation says about one error code. */
export interface DocumentedError {
  readonly code: string
  readonly status: number
  readonly message: string
}

/** Every error of the given catalogues by code. Throws when two share one code. */
export function listErrors(catalogues: readonly object[]): ReadonlyMap<string, DocumentedError> {
  const errors = new Map<string, DocumentedError>()
  for (const factory of catalogues.flatMap((catalogue) => Object.values(catalogue as ErrorCatalogue))) {
    if (errors.has(factory.code)) throw new Error(`Two errors have the code ${factory.code}.`)
    errors.set(factory.code, { code: factory.code, status: factory.status, message: factory.template })
  }
  return errors
}
