import { randomBytes } from 'node:crypto'
import { pages } from '@outcry/contract/pages'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { appPageSecurityHeaders } from '../platform/http/security-headers.ts'
import type { Logger } from '../platform/log/logger.ts'
import { chooseCompression } from './accept-encoding.ts'
import { type BuiltFile, readBuiltWebApp } from './built-files.ts'
import { createShell, type SiteFacts } from './shell.ts'

export interface WebAppOptions extends SiteFacts {
  /** Where the built app lies; without one there is none to serve. */
  readonly dir: string | undefined
  readonly isHttps: boolean
  readonly log: Logger
}

/** The web app as a server answers with it. */
export interface WebApp {
  /** Adds the pages of the contract and the app's files. */
  addRoutes(fastify: FastifyInstance): void
  /** Answers a browser at an address that no route takes with the app and 404; nothing when it is not for a page. */
  answerUnknown(request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined
}

type Handler = (request: FastifyRequest, reply: FastifyReply) => FastifyReply

const NONCE_BYTES = 16 // 128 bits, as CSP level 3, section 7.1, asks for
const NOT_FOR_PAGES = /^\/(?:api|assets|health|metrics)(?:\/|$)/
const NOT_BUILT = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Not built</title></head>
<body><p>The web app is not built: run npm start.</p></body>
</html>
`

/** Reads the built app into memory. Without a build the pages answer 503 and say how to get one; a `dir` without one is logged. */
export async function createWebApp({ dir, isHttps, log, ...facts }: WebAppOptions): Promise<WebApp> {
  const built = dir === undefined ? undefined : await readBuiltWebApp(dir)
  if (built === undefined) {
    if (dir !== undefined) log.warn({}, 'The web app is not built, so there are no pages: run npm start.')
    return { addRoutes: (fastify) => addPages(fastify, answerNotBuilt), answerUnknown: () => undefined }
  }
  const shell = createShell(built.shell, facts)
  const headersFor = appPageSecurityHeaders({ isHttps })
  const answerPage: Handler = (_request, reply) => {
    const nonce = randomBytes(NONCE_BYTES).toString('base64url')
    return sendHtml(reply.headers(headersFor(nonce)), shell(nonce))
  }
  return {
    addRoutes(fastify) {
      addPages(fastify, answerPage)
      for (const [path, file] of built.files) addRoute(fastify, path, createFileHandler(path, file))
    },
    answerUnknown: (request, reply) =>
      isForPage(request) ? answerPage(request, reply.code(404)) : undefined,
  }
}

function addPages(fastify: FastifyInstance, handler: Handler): void {
  for (const path of pages) {
    addRoute(fastify, path, (request, reply) => {
      request.call.route = path
      return handler(request, reply)
    })
  }
}

function addRoute(fastify: FastifyInstance, url: string, handler: Handler): void {
  fastify.route({ method: ['GET', 'HEAD'], url, handler })
}

function answerNotBuilt(_request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return sendHtml(reply.code(503), NOT_BUILT)
}

function sendHtml(reply: FastifyReply, html: string): FastifyReply {
  return reply.header('content-type', 'text/html; charset=utf-8').send(html)
}

/** A file whose name holds a hash of its content never changes (RFC 8246); the others may with the next version. */
function createFileHandler(path: string, { contentType, plain, compressed }: BuiltFile): Handler {
  const isHashed = path.startsWith('/assets/')
  const cacheControl = isHashed ? 'public, max-age=31536000, immutable' : 'public, max-age=3600'
  const available = [...compressed.keys()]
  return (request, reply) => {
    request.call.route = isHashed ? '/assets/*' : path
    const compression = chooseCompression(request.headers['accept-encoding'], available)
    reply.header('content-type', contentType).header('cache-control', cacheControl)
    if (available.length > 0) addVary(reply, 'Accept-Encoding')
    if (compression === undefined) return reply.send(plain)
    return reply.header('content-encoding', compression).send(compressed.get(compression))
  }
}

function addVary(reply: FastifyReply, name: string): void {
  const known = reply.getHeader('vary')
  reply.header('vary', known === undefined ? name : `${known}, ${name}`)
}

/** Whether a browser wants to see this address: it takes HTML, and nothing else of ours answers there. */
function isForPage({ method, headers, raw }: FastifyRequest): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false
  return !NOT_FOR_PAGES.test(pathOf(raw.url ?? '')) && takesHtml(headers.accept ?? '')
}

function pathOf(target: string): string {
  return target.split('?', 1)[0] ?? ''
}

/** Whether an `Accept` header names HTML itself; programs send a star or nothing, and get problems as JSON. */
function takesHtml(accept: string): boolean {
  return accept.split(',').some((range) => /^\s*text\/html\s*(?:;|$)/i.test(range))
}
