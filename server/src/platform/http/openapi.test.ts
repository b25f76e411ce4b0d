import { createHash } from 'node:crypto'
import { record, succeeded, success } from '@outcry/contract/conventions'
import { Type } from 'typebox'
import { describe, expect, it } from 'vitest'
import { generateOpenApi, type OpenApiInfo } from './openapi.ts'
import { bindRoutes, defineRoute, type Limit } from './route.ts'
import { startTestServer, testErrors, testRoutes } from './testing/test-server.ts'

const info: OpenApiInfo = {
  title: 'Test',
  version: '1.0.0',
  serverUrl: 'https://x.test',
  errors: [testErrors],
}
const document = generateOpenApi(testRoutes([]), info)

function routeWith(title: string, errors: readonly string[] = []) {
  const endpoint = {
    method: 'GET',
    path: '/other',
    summary: 'Other',
    responses: { 200: record(title, { other: Type.Integer() }) },
    errors,
  } as const
  const handle = () => ({ id: 'a', created_at: new Date(), updated_at: new Date(), other: 1 })
  return bindRoutes({}, { other: defineRoute(endpoint, { access: 'anyone', limit: 'default', handle }) })
}

describe('generateOpenApi', () => {
  it('describes parameters, bodies, answers, security and limits of each route', () => {
    const { get, post } = document.paths['/api/v1/things'] ?? {}
    expect(get?.operationId).toBe('listThings')
    expect(get?.security).toEqual([])
    expect(get?.parameters).toContainEqual({
      name: 'limit',
      in: 'query',
      required: false,
      schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
    })
    expect(post?.requestBody?.content).toHaveProperty(['application/json', 'schema', 'required'], ['name'])
    expect(post?.responses['201']?.content).toEqual({
      'application/json': { schema: { $ref: '#/components/schemas/Thing' } },
    })
    expect(post?.responses['409']?.description).toBe('`things.taken`: The name {name} is taken.')
    expect(Object.keys(post?.responses ?? {})).toEqual([
      '201',
      '400',
      '403',
      '408',
      '409',
      '413',
      '415',
      '417',
      '421',
      '422',
      '429',
      '431',
      '500',
      '503',
    ])
    expect(document.paths['/api/v1/mine']?.get?.security).toEqual([{ bearer: [] }])
    expect(document.paths['/api/v1/maybe']?.get?.security).toEqual([{}, { bearer: [] }])
    const form = document.paths['/api/v1/sign-in']?.post
    expect(Object.keys(form?.requestBody?.content ?? {})).toEqual(['application/x-www-form-urlencoded'])
    expect(form?.['x-rate-limits']).toEqual(['10 per 1 min per address'])
  })

  it('declares what stands before every route: the request line, its host, its size and the state of the server', () => {
    const operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({ name: `${method} ${path}`, method, operation })),
    )
    expect(operations.length).toBeGreaterThan(10)
    for (const { name, method, operation } of operations) {
      const told = (status: string) => operation.responses[status]?.description ?? ''
      expect(told('400'), name).toContain('http.bad_request')
      expect(told('421'), name).toContain('http.misdirected_request')
      expect(told('431'), name).toContain('http.headers_too_large')
      expect(told('503'), name).toContain('http.unavailable')
      expect(told('503'), name).toContain('http.clock_behind')
      expect([operation.responses['408'], operation.responses['417']], name).not.toContain(undefined)
      expect(told('413').includes('http.body_too_large'), name).toBe(method !== 'get')
      expect(told('415').includes('http.unsupported_media_type'), name).toBe(method !== 'get')
      expect(told('403').includes('http.cross_site_refused'), name).toBe(method !== 'get')
    }
  })

  it('says what a path answers to another method, for which no operation stands', () => {
    expect(document.info.description).toContain('405 `http.method_not_allowed`')
    const { description } = generateOpenApi([], { ...info, description: 'Made for tests.' }).info
    expect(description).toMatch(/^Made for tests\.\n\n.*`http\.method_not_allowed`/)
  })

  it('names the limits that a handler counts by itself behind those of the door', () => {
    const endpoint = {
      method: 'POST',
      path: '/keys',
      summary: 'Store a key',
      responses: { 200: success },
      errors: [],
    } as const
    const rule = { per: 'account', name: 'a', max: 5, windowMs: 60_000 } as const
    const route = (limit: Limit) =>
      defineRoute(endpoint, {
        access: 'signed-in',
        limit,
        countedByHandler: [{ ...rule, max: 10, windowMs: 3_600_000 }],
        handle: () => succeeded('Done.'),
      })
    const limitsOf = (limit: Limit) => {
      const { paths } = generateOpenApi(bindRoutes({}, { storeKey: route(limit) }), info)
      return paths['/api/v1/keys']?.post?.['x-rate-limits']
    }
    expect(limitsOf('default')).toEqual(['10 per 1 h per account'])
    expect(limitsOf(rule)).toEqual(['5 per 1 min per account', '10 per 1 h per account'])
  })

  it('offers the session cookie beside the bearer token wherever a session may call, and says what a write by it needs', () => {
    const sessionCookie = '__Host-test'
    const { paths, components } = generateOpenApi(testRoutes([]), { ...info, sessionCookie })
    expect(components.securitySchemes).toMatchObject({
      bearer: { type: 'http', scheme: 'bearer' },
      cookie: { type: 'apiKey', in: 'cookie', name: sessionCookie },
    })
    expect(JSON.stringify(components.securitySchemes)).toContain('Origin')
    expect(paths['/api/v1/mine']?.get?.security).toEqual([{ bearer: [] }, { cookie: [] }])
    expect(paths['/api/v1/maybe']?.get?.security).toEqual([{}, { bearer: [] }, { cookie: [] }])
    expect(paths['/api/v1/things']?.get?.security).toEqual([])
    expect(Object.keys(document.components.securitySchemes)).toEqual(['bearer'])
  })

  it('names the scope that a personal access token needs, and the refusal of any other', () => {
    const { get: mine, post: write } = document.paths['/api/v1/mine'] ?? {}
    expect([mine?.['x-scope'], write?.['x-scope']]).toEqual(['mine:read', undefined])
    for (const operation of [mine, write]) {
      expect(operation?.responses['403']?.description).toContain('http.insufficient_scope')
    }
    expect(JSON.stringify(document.paths['/api/v1/things'])).not.toContain('insufficient_scope')
  })

  it('refers only to components that are there, and uses each operation id once', () => {
    const text = JSON.stringify(document)
    const refs = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name)
    expect(new Set(refs)).toEqual(new Set(Object.keys(document.components.schemas)))
    const ids = Object.values(document.paths).flatMap((item) =>
      Object.values(item).map(({ operationId }) => operationId),
    )
    expect(new Set(ids).size).toBe(ids.length)
    expect(text).not.toContain('x-refusal')
  })

  it('refuses an unknown error code, a repeated name and two schemas of one title', () => {
    expect(() => generateOpenApi(routeWith('Fine', ['things.unheard_of']), info)).toThrow('things.unheard_of')
    expect(() => generateOpenApi([...routeWith('A'), ...routeWith('A')], info)).toThrow('named other')
    expect(() => generateOpenApi([...testRoutes([]), ...routeWith('Thing')], info)).toThrow('title Thing')
  })
})

describe('the documentation', () => {
  it('is served as JSON and as a page without any script', async () => {
    const { get } = await startTestServer()
    expect(await (await get('/api/openapi.json')).json()).toMatchObject({ openapi: '3.1.1' })
    const page = await get('/api/docs')
    const html = await page.text()
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    const [, style = ''] = /<style>(.*?)<\/style>/s.exec(html) ?? []
    const hash = createHash('sha256').update(style).digest('base64')
    expect(page.headers.get('content-security-policy')).toContain(
      `default-src 'none'; style-src 'sha256-${hash}';`,
    )
    expect(html).toContain('<html lang="en">')
    expect(html).toContain('/api/v1/things/{id}')
    expect(html).toContain('Personal access tokens need the scope mine:read.')
    expect(html).toContain('Personal access tokens are refused.')
    expect(html).toContain('name="viewport"')
    expect(html).not.toMatch(/<script|style="|https?:\/\/(?!community)/)
    const anchors = [...html.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id ?? '')
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id ?? '')
    expect(anchors.filter((anchor) => !ids.includes(anchor))).toEqual([])
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('escapes what contracts say', async () => {
    const docs = { ...info, title: '<img src=x onerror=alert(1)>' }
    const { get } = await startTestServer({ docs })
    expect(await (await get('/api/docs')).text()).not.toContain('<img')
  })
})
