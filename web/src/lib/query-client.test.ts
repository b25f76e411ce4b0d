// @vitest-environment happy-dom
import { MutationObserver, type QueryMeta, QueryObserver } from '@tanstack/react-query'
import { afterEach, expect, it, vi } from 'vitest'
import { ApiProblem, ConnectionProblem } from './problem.ts'
import { followsWrites, queryClient } from './query-client.ts'

afterEach(() => {
  queryClient.clear()
  vi.restoreAllMocks()
})

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

/** Reads one thing that follows writes and one that does not, does a write, and says how often each was read by then. */
async function readsAfter(write: () => Promise<unknown>): Promise<Record<string, number>> {
  const read = { following: 0, other: 0 }
  const observe = (name: keyof typeof read, meta: QueryMeta) =>
    new QueryObserver(queryClient, { queryKey: [name], meta, queryFn: () => ++read[name] }).subscribe(
      () => {},
    )
  const stops = [observe('following', followsWrites), observe('other', {})]
  await vi.waitFor(() => expect(read).toEqual({ following: 1, other: 1 }))
  await new MutationObserver(queryClient, { mutationFn: write }).mutate().catch(() => undefined)
  await vi.waitFor(() => expect(queryClient.isFetching()).toBe(0))
  for (const stop of stops) stop()
  return read
}

it('reads what follows writes anew after every write, done or refused, and nothing else', async () => {
  vi.spyOn(document, 'cookie', 'get').mockReturnValue('__Host-outcry-signed-in=1')
  expect(await readsAfter(() => Promise.resolve())).toEqual({ following: 2, other: 1 })
  queryClient.clear()
  expect(await readsAfter(() => Promise.reject(new Error('No.')))).toEqual({ following: 2, other: 1 })
})

it('asks nothing any more after the write that signs out', async () => {
  const cookie = vi.spyOn(document, 'cookie', 'get').mockReturnValue('__Host-outcry-signed-in=1')
  const signOut = async () => cookie.mockReturnValue('')
  expect(await readsAfter(signOut)).toEqual({ following: 1, other: 1 })
})
