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
}

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

  constructor(
    definition: { readonly code: string; readonly status: number; readonly message: string },
    details: Readonly<Record<string, unknown>> = {},
    { cause, headers, errors }: ErrorOptions = {},
  ) {
    super(fill(definition.message, details), cause === undefined ? undefined : { cause })
    this.status = definition.status
    this.code = definition.code
    this.details = details
    this.headers = headers
    this.errors = errors
  }

  /** The sentence for people. */
  get detail(): string {
    return this.message
  }
}

function fill(message: string, details: Readonly<Record<string, unknown>>): string {
  return message.includes('{') ? message.replace(/\{(\w+)\}/g, (_, name) => String(details[name])) : message
}

/** Makes one kind of error; `code` says which. Details are required when the message has placeholders. */
export interface ErrorFactory<M extends string = string> {
  (
    ...args: [Placeholder<M>] extends [never]
      ? [details?: Readonly<Record<string, unknown>>, options?: ErrorOptions]
      : [details: ErrorDetails<M>, options?: ErrorOptions]
  ): AppError
  readonly code: string
  readonly status: number
  readonly template: M
}

/** One module's errors, by the camelCase name its code gives them. */
export type ErrorCatalogue = Readonly<Record<string, ErrorFactory>>

type Factories<D extends Readonly<Record<string, ErrorDefinition>>> = {
  readonly [K in keyof D]: ErrorFactory<D[K]['message']>
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
