import { queryOptions } from '@tanstack/react-query'
import { api } from '../../../lib/api.ts'
import type { Me } from '../../../lib/me.ts'
import { answerOf } from '../../../lib/problem.ts'

/** What a member may change about themselves; what is left out stays. */
export interface ProfileChange {
  readonly display_name?: string | null
  readonly bio?: string | null
  readonly website_url?: string | null
  readonly location?: string | null
  readonly is_private?: boolean
}

export function changeProfile(change: ProfileChange): Promise<Me> {
  return answerOf(api.PUT('/api/v1/users/me', { body: change }))
}

/** Deletes the account for good. */
export async function deleteOwnAccount(id: string): Promise<void> {
  await answerOf(api.DELETE('/api/v1/users/{id}', { params: { path: { id } } }))
}

async function readFollowRequests(signal: AbortSignal) {
  const query = { limit: 100 }
  return answerOf(api.GET('/api/v1/users/me/follow-requests', { params: { query }, signal }))
}

/** Who has asked to follow the member. */
export const followRequestsQuery = queryOptions({
  queryKey: ['accounts', 'follow-requests'],
  queryFn: ({ signal }) => readFollowRequests(signal),
})

export async function answerFollowRequest(id: string, isAccepted: boolean): Promise<void> {
  const params = { path: { id } }
  await (isAccepted
    ? answerOf(api.POST('/api/v1/users/me/follow-requests/{id}/accept', { params }))
    : answerOf(api.DELETE('/api/v1/users/me/follow-requests/{id}', { params })))
}
