import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api } from '../../../lib/api.ts'
import type { Me } from '../../../lib/me.ts'
import { answerOf } from '../../../lib/problem.ts'

/** Which members are looked for. */
export interface MemberSearch {
  readonly words: string
  readonly role: Me['role'] | ''
  readonly status: Me['status'] | ''
  /** From which one on. */
  readonly skip: number
}

/** How many stand on a page. */
export const MEMBERS_PER_PAGE = 20

async function readMembers({ words, role, status, skip }: MemberSearch, signal: AbortSignal) {
  const paging = { skip, limit: MEMBERS_PER_PAGE }
  if (words !== '') {
    return answerOf(api.GET('/api/v1/users/search', { params: { query: { ...paging, q: words } }, signal }))
  }
  const query = { ...paging, ...(role === '' ? {} : { role }), ...(status === '' ? {} : { status }) }
  return answerOf(api.GET('/api/v1/users', { params: { query }, signal }))
}

/** A member as administrators see them in a list. */
export type Member = Awaited<ReturnType<typeof readMembers>>['items'][number]

/** Members in pages. Words look for names among all of them; role and status narrow the list without words. */
export function membersQuery(search: MemberSearch) {
  return queryOptions({
    queryKey: ['accounts', 'members', search],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => readMembers(search, signal),
  })
}

/** What administrators decide about a member; what is left out stays. */
export interface Decision {
  readonly role?: Me['role']
  readonly is_verified?: boolean
}

export function administer(id: string, decision: Decision): Promise<Me> {
  return answerOf(api.PUT('/api/v1/users/{id}/admin', { params: { path: { id } }, body: decision }))
}

/** What can be done to a member's standing. */
export type Sanction = 'activate' | 'deactivate' | 'suspend'

/** A sanction, why, and for a suspension until when; null for until further notice. */
export interface Sanctioning {
  readonly what: Sanction
  readonly reason: string
  readonly until: string | null
}

export async function sanction(id: string, { what, reason, until }: Sanctioning): Promise<void> {
  const params = { path: { id } }
  const body = { reason: reason.trim() || null }
  if (what === 'activate') await answerOf(api.POST('/api/v1/users/{id}/activate', { params, body }))
  else if (what === 'deactivate') await answerOf(api.POST('/api/v1/users/{id}/deactivate', { params, body }))
  else await answerOf(api.POST('/api/v1/users/{id}/suspend', { params, body: { ...body, until } }))
}
