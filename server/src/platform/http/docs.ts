import type { FastifyInstance, FastifyReply } from 'fastify'
import { lazy } from '../lazy.ts'
import { renderDocs } from './docs-page.ts'
import { docsStyle } from './docs-style.ts'
import { generateOpenApi, type OpenApiInfo, type OtherRoutes } from './openapi.ts'
import { shareAnswers } from './openapi-shared.ts'
import { addReading } from './reading.ts'
import type { BoundRoute } from './route.ts'
import { plainPageSecurityHeaders } from './security-headers.ts'

/** What the documentation says about the server as a whole. */
export type DocsOptions = OpenApiInfo

/** What is described. */
export interface DescribedRoutes extends OtherRoutes {
  readonly routes: readonly BoundRoute[]
}

/** Serves `/api/openapi.json` and the readable page `/api/docs`. Both are made once, when somebody asks. */
export function addDocs(
  fastify: FastifyInstance,
  { routes, ...others }: DescribedRoutes,
  { isHttps, ...info }: DocsOptions & { readonly isHttps: boolean },
): void {
  const document = lazy(() => generateOpenApi(routes, info, others))
  const json = lazy(() => JSON.stringify(shareAnswers(document())))
  const page = lazy(() => renderDocs(document()))
  const pageHeaders = plainPageSecurityHeaders({ isHttps, style: docsStyle })
  const add = (path: string, answer: (reply: FastifyReply) => string) =>
    addReading(fastify, path, async (_request, reply) => answer(reply))
  add('/api/openapi.json', (reply) => {
    reply
      .header('content-type', 'application/json; charset=utf-8')
      .header('cache-control', 'public, max-age=300')
    return json()
  })
  add('/api/docs', (reply) => {
    reply.headers({
      ...pageHeaders,
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'public, max-age=300',
    })
    return page()
  })
}
