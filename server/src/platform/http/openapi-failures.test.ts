import { describe, expect, it } from 'vitest'
import type { ClockGuard } from '../clock-guard.ts'
import { generateOpenApi } from './openapi.ts'
import { sendRaw } from './testing/raw-request.ts'
import { startTestServer, testErrors, testRoutes } from './testing/test-server.ts'

const { paths } = generateOpenApi(testRoutes([]), {
  title: 'Test',
  version: '1.0.0',
  serverUrl: 'https://x.test',
  errors: [testErrors],
})

const head = (method: string, path: string) =>
  `${method} /api/v1${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer t\r\nConnection: close\r\n`
const text = 'Content-Type: text/plain\r\n'
const json = 'Content-Type: application/json\r\n'
const large = JSON.stringify({ a: Array.from({ length: 100 }, () => 'x'.repeat(2_000)) })
const wrongClock: ClockGuard = { isRight: () => false, note: () => {} }

/** The rest of a head and a body, of which `missing` bytes never come. */
const sending = (headers: string, body: string, missing = 0) =>
  `${headers}Content-Length: ${Buffer.byteLength(body) + missing}\r\n\r\n${body}`

describe('the refusals of an operation', () => {
  it.each<[string, string, string]>([
    ['POST /mine', 'a body of another type', sending(text, 'a')],
    ['POST /mine', 'a body without a type', sending('', '{}')],
    ['POST /mine', 'another type without a body', sending(text, '')],
    ['POST /mine', 'a body that is not JSON', sending(json, '{')],
    ['POST /mine', 'a body with NUL', sending(json, '{"a":"\\u0000"}')],
    ['POST /mine', 'a body that is too large', sending(json, large)],
    ['POST /mine', 'a body that comes too slowly', sending(json, '{"a"', 1)],
    ['POST /mine', 'an Expect that nobody knows', sending('Expect: tea\r\n', '')],
    ['GET /mine', 'an Expect that nobody knows', sending('Expect: tea\r\n', '')],
    ['GET /mine?a=1&a=%00', 'a query with NUL', sending('', '')],
  ])('name what %s answers to %s', async (id, _what, rest) => {
    const { address, actors } = await startTestServer({
      connections: { headersTimeoutMs: 200, requestTimeoutMs: 400 },
    })
    actors.set('t', { id: 'account-1', role: 'user', status: 'active' })
    const [method = '', path = ''] = id.split(' ')
    expect(told(method, path, await sendRaw(address, head(method, path) + rest))).toBe('named')
  })

  it.each(['GET /mine', 'POST /mine', 'GET /things'])(
    'name what %s answers while the clock is wrong',
    async (id) => {
      const { address } = await startTestServer({ clockGuard: wrongClock })
      const [method = '', path = ''] = id.split(' ')
      expect(told(method, path, await sendRaw(address, `${head(method, path)}\r\n`))).toBe('named')
    },
  )

  it.each(['GET /mine', 'POST /mine', 'GET /things'])(
    'name what an overloaded server answers to %s',
    async (id) => {
      let nowMs = 0
      const { address } = await startTestServer({
        overload: { now: () => (nowMs += 20), waitMs: 0, rushMs: 0 },
      })
      const [method = '', path = ''] = id.split(' ')
      const kept = `${head(method, path).replace('Connection: close\r\n', '')}\r\n`
      const answers = await sendRaw(address, `${kept}${kept}${head(method, path)}\r\n`)
      expect(told(method, path, answers.slice(answers.indexOf('HTTP/1.1 503')))).toBe('named')
    },
  )
})

/** Whether the document names the refusal that came as a raw answer. */
function told(method: string, path: string, answer: string): string {
  const [, status = ''] = /^HTTP\/1\.1 ([45]\d\d) /.exec(answer) ?? []
  const [, code = ''] = /"code":"([\w.]+)"/.exec(answer) ?? []
  if (code === '') return `no refusal: ${answer.slice(0, 200)}`
  const { description = '' } =
    paths[`/api/v1${path.split('?')[0]}`]?.[method.toLowerCase()]?.responses[status] ?? {}
  return description.includes(`\`${code}\``) ? 'named' : `not named: ${status} ${code}`
}
