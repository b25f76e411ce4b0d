import { type Success, success } from '@outcry/contract/conventions'
import { expect, it } from 'vitest'
import { type AppError, defineErrors, type ErrorOptions } from '../errors.ts'
import { bindRoutes, defineRoute } from './route.ts'
import { startTestServer } from './testing/test-server.ts'

const errors = defineErrors('other', {
  enough: { status: 429, message: 'The other end has had enough.' },
  away: { status: 503, message: 'The other end is away.' },
})

/** What is told of limits and waiting when a handler throws this, which has 60 requests a minute by itself. */
async function told(failure: AppError): Promise<Record<string, string | null>> {
  const endpoint = {
    method: 'GET',
    path: '/other',
    summary: 'Ask another',
    responses: { 200: success },
    errors: [],
  } as const
  const handle = (): Success => {
    throw failure
  }
  const routes = bindRoutes(
    {},
    { ask: defineRoute(endpoint, { access: 'anyone', limit: 'default', handle }) },
  )
  const { get } = await startTestServer({ routes, rateLimits: {} })
  const { status, headers } = await get('/api/v1/other')
  expect(status).toBe(failure.status)
  const names = ['retry-after', 'ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset']
  return Object.fromEntries(names.map((name) => [name, headers.get(name)]))
}

const after = (seconds: string): ErrorOptions => ({ headers: { 'retry-after': seconds } })

it('tells with every 429 that nothing is left until Retry-After, never a limit of zero or how our own stand', async () => {
  expect(await told(errors.enough({}, after('20')))).toEqual({
    'retry-after': '20',
    'ratelimit-limit': null,
    'ratelimit-remaining': '0',
    'ratelimit-reset': '20',
  })
  expect(await told(errors.enough())).toMatchObject({ 'retry-after': '1', 'ratelimit-reset': '1' })
})

it('leaves it to who throws a 429 to tell of the limit, and other refusals with our own', async () => {
  const limit = {
    'retry-after': '9',
    'ratelimit-limit': '16',
    'ratelimit-remaining': '0',
    'ratelimit-reset': '9',
  }
  expect(await told(errors.enough({}, { headers: limit }))).toEqual(limit)
  expect(await told(errors.away({}, after('5')))).toMatchObject({
    'retry-after': '5',
    'ratelimit-limit': '60',
    'ratelimit-remaining': '59',
  })
})
