import { expect, it } from 'vitest'
import { answerOf } from './exchange.ts'
import { complaintsAbout } from './judge.ts'
import type { RequestDraft } from './request-draft.ts'

const draft: RequestDraft = {
  method: 'POST',
  path: '/api/v1/things',
  query: '',
  headers: [],
  body: Buffer.from('{"name":"select 1 from sent"}'),
  framing: 'length',
  isUnfinished: false,
}

const problem = {
  type: 'urn:outcry:problem:http.validation_failed',
  title: 'Validation failed',
  status: 422,
  detail: 'body.name is too long.',
  instance: 'r-1',
  errors: [{ path: 'body.name', message: 'is too long' }],
}

function judge(body: object, head = 'HTTP/1.1 422 Unprocessable Content') {
  const headers =
    'content-type: application/problem+json; charset=utf-8\r\nx-content-type-options: nosniff\r\nx-request-id: r-1'
  const answer = answerOf(`${head}\r\n${headers}\r\n\r\n${JSON.stringify(body)}`)
  return complaintsAbout({ draft, answer, secrets: ['pw-canary'], privateFacts: ['v@example.test'] })
}

it('finds nothing wrong with a proper refusal, even one that repeats what was sent', () => {
  expect(judge(problem)).toEqual([])
  expect(judge({ ...problem, title: 'select 1 from sent' })).toEqual([])
  expect(judge({ ...problem, next_cursor: 'AQG42sW0AX0XoXINnVY6dpgAAAAAAHPG_-IbUYvgOCSlJOQa' })).toEqual([])
  expect(judge({ ...problem, backup_codes: ['I274-PINO-USW6-GPJ7-OGIG-6EJK'] })).toEqual([])
})

it('finds server errors, missing answers and two answers at once', () => {
  expect(judge({ ...problem, status: 500 }, 'HTTP/1.1 500 Oops')).toEqual(['It answered 500.'])
  expect(judge({ ...problem, title: 'x\nHTTP/1.1 200 OK' })).not.toEqual([])
  const silence = answerOf('')
  const options = { answer: silence, secrets: [], privateFacts: [] }
  expect(complaintsAbout({ ...options, draft })).toEqual(['There was no answer.'])
  expect(complaintsAbout({ ...options, draft: { ...draft, isUnfinished: true } })).toEqual([])
})

it.each([
  'Error: x at read (/srv/app/server.ts:3:7)',
  'see node_modules/thing.',
  'SQLITE_CONSTRAINT: failed.',
  'duplicate key value violates unique constraint "idx_users_email".',
  'select id from users where 1.',
  'hash is $argon2id$v=19.',
  `It runs on ${process.version}.`,
  'the pw-canary of v@example.test.',
])('finds what only the inside knows: %s', (detail) => {
  expect(judge({ ...problem, detail }).length).toBeGreaterThan(0)
})

it.each([
  ['detail', 'no sentence'],
  ['detail', 'two\nlines.'],
  ['status', 400],
  ['type', 'about:blank'],
  ['instance', 'another'],
  ['errors', []],
  ['errors', [{ path: 'name', message: 'x' }]],
])('finds a problem whose %s is %j', (name, value) => {
  expect(judge({ ...problem, [name]: value }).length).toBeGreaterThan(0)
})
