// @vitest-environment happy-dom
import { expect, it } from 'vitest'
import { ApiProblem, ConnectionProblem } from './problem.ts'
import { queryClient } from './query-client.ts'

const problem = {
  type: 'about:blank',
  title: 'No',
  status: 503,
  detail: 'Not now.',
  instance: '1',
  code: 'brokers.none',
}

it.each([
  ['again where no answer came', new ConnectionProblem(undefined), 3],
  ['once where the server has said what is wrong', new ApiProblem(problem, new Response()), 1],
  ['once where the page itself is wrong', new TypeError('undefined is no function'), 1],
])('reads %s', async (_when, error, tries) => {
  let tried = 0
  const read = queryClient.fetchQuery({
    queryKey: [error.name, tries],
    retry: queryClient.getDefaultOptions().queries?.retry ?? false,
    retryDelay: 0,
    queryFn() {
      tried += 1
      throw error
    },
  })
  await expect(read).rejects.toBe(error)
  expect(tried).toBe(tries)
})
