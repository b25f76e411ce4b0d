import { infiniteQueryOptions } from '@tanstack/react-query'
import { api } from '../../../lib/api.ts'
import { answerOf } from '../../../lib/problem.ts'

const PAGE = 20

async function readPage(cursor: string, signal: AbortSignal) {
  const query = cursor === '' ? { limit: PAGE } : { limit: PAGE, cursor }
  return answerOf(api.GET('/api/v1/credentials/deleted', { params: { query }, signal }))
}

/** What is left of a broker key that the member has deleted. */
export type DeletedCredential = Awaited<ReturnType<typeof readPage>>['items'][number]

/** What the member has deleted, the latest first, page by page. */
export const deletedCredentialsQuery = infiniteQueryOptions({
  queryKey: ['vault', 'deleted'],
  initialPageParam: '',
  queryFn: ({ pageParam, signal }) => readPage(pageParam, signal),
  getNextPageParam: ({ next_cursor }) => next_cursor,
})
