import { expect, it } from 'vitest'
import { ApiProblem } from './problem.ts'

it.each([
  [429, 'http.rate_limited', { seconds: 42, isCrowded: false }],
  [503, 'accounts.busy', { seconds: 42, isCrowded: true }],
  [503, 'vault.unavailable', undefined],
  [409, 'http.idempotency_in_flight', undefined],
])('of a %i with the code %s it knows whether waiting helps', (status, code, wait) => {
  const response = new Response(null, { status, headers: { 'retry-after': '42' } })
  const problem = { ...{ type: 't', title: 't', detail: 'd', instance: 'i' }, status, code }
  expect(new ApiProblem(problem, response).wait).toEqual(wait)
  expect(new ApiProblem(problem, new Response(null, { status })).wait).toBeUndefined()
})
