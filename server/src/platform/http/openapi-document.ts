import type { Access } from './access.ts'

/** One method of one path. */
export interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly description?: string
  readonly tags: readonly string[]
  readonly security: readonly Record<string, readonly string[]>[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly required: boolean; readonly content: Content }
  readonly responses: Readonly<Record<string, Answer>>
  /** Who may call it, as `defineRoute` has it. */
  readonly 'x-access': Access
  /** The scope a personal access token needs; absent where none may call. */
  readonly 'x-scope'?: string
  readonly 'x-rate-limits': readonly string[]
  /** What the events of a stream carry, by their names. */
  readonly 'x-events'?: Readonly<Record<string, unknown>>
}

/** One value that an operation takes outside its body. */
export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly description?: string
  readonly schema: unknown
}

type Content = Readonly<Record<string, { readonly schema: unknown }>>

/** What an operation answers under one status. */
export interface Answer {
  readonly description: string
  readonly content?: Content
}

/** An OpenAPI 3.1 document (spec.openapis.org/oas/v3.1.1). */
export interface OpenApiDocument {
  readonly openapi: '3.1.1'
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly servers: readonly { readonly url: string }[]
  readonly tags: readonly { readonly name: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, unknown>>
    readonly securitySchemes: Readonly<Record<string, unknown>>
  }
}
