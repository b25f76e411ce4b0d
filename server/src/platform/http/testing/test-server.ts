import { listQueryWith, record, singleLine, succeeded, success, uuid } from '@outcry/contract/conventions'
import { defineContract } from '@outcry/contract/endpoint'
import { Type } from 'typebox'
import { onTestFinished } from 'vitest'
import { systemClock } from '../../clock.ts'
import { defineErrors } from '../../errors.ts'
import { createLogger, type Logger } from '../../log/logger.ts'
import type { Actor } from '../actor.ts'
import { bindRoutes, defineRoute, withHeaders } from '../route.ts'
import { createHttpServer, type HttpServer, type HttpServerOptions } from '../server.ts'

export const testErrors = defineErrors('things', {
  notThere: { status: 404, message: 'There is no such thing.' },
  taken: { status: 409, message: 'The name {name} is taken.' },
})

const thing = record('Thing', { name: Type.String() })

export const testContract = defineContract({
  listThings: {
    method: 'GET',
    path: '/things',
    summary: 'List things',
    query: listQueryWith({
      loud: Type.Optional(Type.Boolean()),
      tags: Type.Optional(Type.Array(Type.String())),
    }),
    responses: { 200: Type.Object({ skip: Type.Integer(), limit: Type.Integer(), query: Type.Unknown() }) },
    errors: [],
  },
  createThing: {
    method: 'POST',
    path: '/things',
    summary: 'Create a thing',
    body: Type.Object({
      name: singleLine({ min: 1, max: 50 }),
      size: Type.Optional(Type.Integer({ minimum: 0 })),
      parts: Type.Optional(Type.Array(Type.Object({ label: Type.String() }))),
    }),
    responses: { 201: thing },
    errors: ['things.taken'],
  },
  getThing: {
    method: 'GET',
    path: '/things/{id}',
    summary: 'Read a thing',
    params: Type.Object({ id: uuid }),
    responses: { 200: thing },
    errors: ['things.not_there'],
  },
  echo: {
    method: 'POST',
    path: '/echo',
    summary: 'Repeat any body',
    body: Type.Unknown(),
    responses: { 200: Type.Object({ received: Type.Unknown() }) },
    errors: [],
  },
  signIn: {
    method: 'POST',
    path: '/sign-in',
    summary: 'Take a form',
    bodyType: 'form',
    body: Type.Object({ username: Type.String(), remember: Type.Optional(Type.Boolean()) }),
    responses: { 200: success },
    errors: [],
  },
  readMine: { method: 'GET', path: '/mine', summary: 'Read', responses: { 200: success }, errors: [] },
  writeMine: { method: 'POST', path: '/mine', summary: 'Write', responses: { 200: success }, errors: [] },
  readPending: { method: 'GET', path: '/pending', summary: 'Read', responses: { 200: success }, errors: [] },
  readMaybe: { method: 'GET', path: '/maybe', summary: 'Read', responses: { 200: success }, errors: [] },
  readFresh: { method: 'GET', path: '/fresh', summary: 'Read', responses: { 200: success }, errors: [] },
  readStaff: { method: 'GET', path: '/staff', summary: 'Read', responses: { 200: success }, errors: [] },
  fail: { method: 'GET', path: '/fail', summary: 'Fail', responses: { 200: success }, errors: [] },
  several: {
    method: 'POST',
    path: '/several',
    summary: 'Answer in two ways',
    responses: { 200: success, 202: Type.Object({ later: Type.Boolean() }) },
    errors: [],
  },
})

const when = new Date('2030-01-02T03:04:05.006Z')
export const thingId = '01890a5d-ac96-774b-bcce-b302099a8057'

/** Routes that show what the platform does; `seen` collects what handlers were given. */
export function testRoutes(seen: unknown[]) {
  const { taken, notThere } = testErrors
  const done = () => succeeded('Done.')
  return bindRoutes(
    { seen },
    {
      listThings: defineRoute(testContract.listThings, {
        access: 'anyone',
        limit: 'default',
        handle: ({ query }) => ({ skip: query.skip, limit: query.limit, query }),
      }),
      createThing: defineRoute(testContract.createThing, {
        access: 'anyone',
        limit: 'default',
        handle({ body }, { seen: all }: { seen: unknown[] }) {
          all.push(body)
          if (body.name === 'taken') throw taken({ name: body.name, hash: 'internal-detail' })
          const row = {
            id: thingId,
            created_at: when,
            updated_at: when,
            name: body.name,
            password_hash: 'leak-me',
          }
          return withHeaders(row, { location: `/things/${thingId}` })
        },
      }),
      getThing: defineRoute(testContract.getThing, {
        access: 'anyone',
        limit: 'default',
        notFound: () => notThere(),
        handle() {
          throw notThere()
        },
      }),
      echo: defineRoute(testContract.echo, {
        access: 'anyone',
        limit: 'default',
        handle: ({ body }) => ({ received: body }),
      }),
      signIn: defineRoute(testContract.signIn, {
        access: 'anyone',
        limit: { per: 'address', name: 'sign-in', max: 10, windowMs: 60_000 },
        bodyLimit: 16 * 1_024,
        handle: ({ body }) => succeeded(`${body.username} ${String(body.remember)}`),
      }),
      readMine: defineRoute(testContract.readMine, {
        access: 'signed-in',
        limit: 'default',
        scope: 'mine:read',
        handle: done,
      }),
      writeMine: defineRoute(testContract.writeMine, { access: 'signed-in', limit: 'default', handle: done }),
      readPending: defineRoute(testContract.readPending, {
        access: 'signed-in-or-pending',
        limit: 'default',
        handle: done,
      }),
      readMaybe: defineRoute(testContract.readMaybe, {
        access: 'optional',
        limit: 'default',
        handle: ({ actor }) => succeeded(actor?.id ?? 'nobody'),
      }),
      readFresh: defineRoute(testContract.readFresh, { access: 'fresh', limit: 'default', handle: done }),
      readStaff: defineRoute(testContract.readStaff, {
        access: { role: 'moderator' },
        limit: 'default',
        handle: done,
      }),
      fail: defineRoute(testContract.fail, {
        access: 'anyone',
        limit: 'default',
        handle() {
          throw new TypeError('SELECT secret FROM /srv/app/hidden.ts')
        },
      }),
      several: defineRoute(testContract.several, {
        access: 'anyone',
        limit: 'default',
        handle: (_call) => ({ status: 202, body: { later: true }, headers: { 'x-later': 'yes' } }),
      }),
    },
  )
}

export interface TestServer {
  readonly address: string
  readonly server: HttpServer
  /** What handlers were given. */
  readonly seen: unknown[]
  /** Log lines, parsed. */
  readonly logged: () => Record<string, unknown>[]
  readonly logText: () => string
  /** Actors by token; any other token is not valid. */
  readonly actors: Map<string, Actor>
  get(path: string, headers?: Record<string, string>): Promise<Response>
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>
}

/** A real server on a free port, stopped when the test ends. */
export async function startTestServer(replace: Partial<HttpServerOptions> = {}): Promise<TestServer> {
  const seen: unknown[] = []
  const lines: string[] = []
  const actors = new Map<string, Actor>()
  const log: Logger = createLogger({ destination: { write: (line) => lines.push(line) } })
  const server = await createHttpServer({
    publicUrl: 'https://community.example.test',
    routes: testRoutes(seen),
    authenticate: ({ token }) => actors.get(token),
    roles: ['user', 'creator', 'moderator', 'admin'],
    clock: systemClock,
    log,
    rateLimits: { enabled: false },
    overload: { rushMs: Number.POSITIVE_INFINITY }, // clients share the server's thread, and take most of it
    docs: {
      title: 'Test',
      version: '1.0.0',
      serverUrl: 'https://community.example.test',
      errors: [testErrors],
    },
    ...replace,
  })
  const address = await server.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(() => server.stop({ drainMs: 100 }))
  return {
    address,
    server,
    seen,
    actors,
    logged: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    logText: () => lines.join(''),
    get: (path, headers = {}) => fetch(address + path, { headers }),
    post: (path, body, headers = {}) =>
      fetch(address + path, {
        method: 'POST',
        body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      }),
  }
}
