import { type Static, Type } from 'typebox'

/**
 * Every error answer of the API: problem details (RFC 9457), sent as `application/problem+json`.
 * `type` ends in the error code, `detail` is one plain sentence for people, `instance` is the request id.
 */
export const problemContentType = 'application/problem+json; charset=utf-8'

/** A problem's `type` is this prefix followed by its error code; a URN, so that it is the same on every host. */
export const problemTypePrefix = 'urn:outcry:problem:'

/** One refused field: where (`body.items.0.name`, `query.limit`) and, in plain words, why. */
export const fieldError = Type.Object(
  {
    path: Type.String(),
    message: Type.String(),
    code: Type.Optional(
      Type.String({
        description:
          'Why, for programs that must tell reasons apart: of a refused broker key `rejected` or `wrong_environment`.',
      }),
    ),
  },
  { title: 'FieldError' },
)
/** One refused field of a `Problem`. */
export type FieldError = Static<typeof fieldError>

/** The body of every answer with a status of 400 or more. */
export const problem = Type.Object(
  {
    type: Type.String({ description: 'A stable URI that ends in the error code.' }),
    title: Type.String({ description: 'The kind of problem, the same every time.' }),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    detail: Type.String({ description: 'One sentence: what happened and what to do.' }),
    instance: Type.String({ description: 'The request id, also in the x-request-id header.' }),
    code: Type.String({ description: 'The error code that `type` ends in.' }),
    errors: Type.Optional(Type.Array(fieldError, { description: 'The refused fields of a 422.' })),
  },
  { title: 'Problem' },
)
/** The body of an error answer, as it is on the wire. */
export type Problem = Static<typeof problem>
