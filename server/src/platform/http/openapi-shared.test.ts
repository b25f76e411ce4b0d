import { expect, it } from 'vitest'
import { generateOpenApi } from './openapi.ts'
import { shareAnswers } from './openapi-shared.ts'
import { testErrors, testRoutes } from './testing/test-server.ts'

const info = { title: 'Test', version: '1.0.0', serverUrl: 'https://x.test', errors: [testErrors] }

it('says once what several operations refuse alike, and everything else where it was', () => {
  const document = generateOpenApi(testRoutes([]), info)
  const shared = JSON.stringify(shareAnswers(document))
  const { paths, components }: typeof document & { components: { responses: Record<string, unknown> } } =
    JSON.parse(shared)
  const refs = [...shared.matchAll(/"#\/components\/responses\/([^"]+)"/g)].map(([, name]) => name)
  expect(new Set(refs)).toEqual(new Set(Object.keys(components.responses)))
  const { get, post } = paths['/api/v1/things'] ?? {}
  expect(get?.responses['431']).toEqual({ $ref: '#/components/responses/http.headers_too_large' })
  const { get: whole, post: wholePost } = document.paths['/api/v1/things'] ?? {}
  expect(components.responses['http.headers_too_large']).toEqual(whole?.responses['431'])
  expect(get?.responses['200']).toEqual(whole?.responses['200'])
  const unreadable = 'http.bad_request-http.malformed_body'
  expect(post?.responses['400']).toEqual({ $ref: `#/components/responses/${unreadable}` })
  expect(components.responses[unreadable]).toEqual(wholePost?.responses['400'])
  expect(post?.responses['409']).toEqual(wholePost?.responses['409'])
  expect(Object.keys(post?.responses ?? {})).toEqual(Object.keys(wholePost?.responses ?? {}))
})
