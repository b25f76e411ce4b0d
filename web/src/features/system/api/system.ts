import { queryOptions } from '@tanstack/react-query'
import { api } from '../../../lib/api.ts'
import { answerOf } from '../../../lib/problem.ts'

async function readSystem(signal: AbortSignal) {
  return answerOf(api.GET('/api/v1/admin/system', { signal }))
}

async function readDeadJobs(signal: AbortSignal) {
  return answerOf(api.GET('/api/v1/admin/jobs', { params: { query: { state: 'dead', limit: 100 } }, signal }))
}

/** What an operator needs to know at a glance. */
export type SystemStatus = Awaited<ReturnType<typeof readSystem>>
/** Work that was given up. */
export type DeadJob = Awaited<ReturnType<typeof readDeadJobs>>['items'][number]

/** How the server is doing. */
export const systemQuery = queryOptions({
  queryKey: ['system', 'status'],
  queryFn: ({ signal }) => readSystem(signal),
})

/** The latest work that was given up. */
export const deadJobsQuery = queryOptions({
  queryKey: ['system', 'dead-jobs'],
  queryFn: ({ signal }) => readDeadJobs(signal),
})

export async function retryJob(id: string): Promise<void> {
  await answerOf(api.POST('/api/v1/admin/jobs/{id}/retry', { params: { path: { id } } }))
}

export async function verifyAudit(): Promise<void> {
  await answerOf(api.POST('/api/v1/admin/audit/verify'))
}
