import { infiniteQueryOptions } from '@tanstack/react-query'
import { api } from '../../../lib/api.ts'
import { answerOf } from '../../../lib/problem.ts'
import { followsWrites } from '../../../lib/query-client.ts'

const PAGE = 10

async function readPage(cursor: string, signal: AbortSignal) {
  const query = cursor === '' ? { limit: PAGE } : { limit: PAGE, cursor }
  return answerOf(api.GET('/api/v1/users/me/events', { params: { query }, signal }))
}

/** Something that happened to the member's account. */
export type AccountEvent = Awaited<ReturnType<typeof readPage>>['items'][number]

/** What happened to the member's account, the latest first, page by page. */
export const accountEventsQuery = infiniteQueryOptions({
  queryKey: ['accounts', 'events'],
  meta: followsWrites,
  initialPageParam: '',
  queryFn: ({ pageParam, signal }) => readPage(pageParam, signal),
  getNextPageParam: ({ next_cursor }) => next_cursor,
})
