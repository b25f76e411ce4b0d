import { infiniteQueryOptions } from '@tanstack/react-query'
import { api } from '../../../lib/api.ts'
import { answerOf } from '../../../lib/problem.ts'

const PAGE = 20

async function readPage(id: string, cursor: string, signal: AbortSignal) {
  const query = cursor === '' ? { limit: PAGE } : { limit: PAGE, cursor }
  return answerOf(api.GET('/api/v1/credentials/{id}/audit', { params: { path: { id }, query }, signal }))
}

/** One use of a credential, or one change of it. */
export type AuditEntry = Awaited<ReturnType<typeof readPage>>['items'][number]

/** What was done with a credential, the latest first, page by page. */
export function credentialAuditQuery(id: string) {
  return infiniteQueryOptions({
    queryKey: ['vault', 'audit', id],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => readPage(id, pageParam, signal),
    getNextPageParam: ({ next_cursor }) => next_cursor,
  })
}
