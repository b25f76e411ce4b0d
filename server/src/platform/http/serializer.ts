import fastJsonStringify, { type Schema } from 'fast-json-stringify'
import type { FastifySerializerCompiler } from 'fastify'
import { lazy } from '../lazy.ts'

/** Compiles the schema of an answer with its first answer: few of the routes are used soon after a start. */
export const compileSerializer: FastifySerializerCompiler<Schema> = ({ schema }) => {
  const serialize = lazy(() => fastJsonStringify(schema))
  return (answer) => serialize()(answer)
}
