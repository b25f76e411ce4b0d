import { queryOptions, useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { api, endSession } from './api.ts'
import { ApiProblem, answerOf } from './problem.ts'
import { queryClient } from './query-client.ts'
import { sessionEnd } from './session-end.ts'
import { sessionHint } from './session-hint.ts'

/** Whoever is signed in, as they see themselves. */
export type Me = Awaited<ReturnType<typeof readMe>>

async function readMe() {
  return answerOf(api.GET('/api/v1/auth/me'))
}

/** Who is signed in; null when nobody is. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  staleTime: 60_000,
  async queryFn(): Promise<Me | null> {
    if (!sessionHint.isPresent()) {
      endSession()
      return null
    }
    try {
      const me = await readMe()
      return sessionEnd.noteOpen(me.id) ? me : await loadAgain()
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) return null
      throw error
    }
  },
})

/** Loads the page again for whoever is signed in by now; nothing follows in this one. */
function loadAgain(): Promise<never> {
  location.reload()
  return new Promise(() => {})
}

/** Asks the server who is signed in, whatever is known. Ends the session of this page when nobody is. */
export async function readMeAnew(): Promise<Me | null> {
  return queryClient.fetchQuery({ ...meQuery, staleTime: 0 })
}

/** Who is signed in, on pages that also work for nobody. */
export function useVisitor(): Me | null | undefined {
  return useQuery(meQuery).data
}

/** Who is signed in, on pages that nobody else reaches. */
export function useMe(): Me {
  const { data } = useSuspenseQuery(meQuery)
  if (data === null) throw new Error('This page is for members.')
  return data
}

const ADMINS: readonly string[] = ['admin', 'super_admin']

/** Whether they administer this site. */
export function isAdministrator({ role }: Pick<Me, 'role'>): boolean {
  return ADMINS.includes(role)
}
