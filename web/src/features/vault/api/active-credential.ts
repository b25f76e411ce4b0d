import type { ChoiceProblem } from '@outcry/contract/vault'
import { queryOptions, useIsMutating, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api } from '../../../lib/api.ts'
import { answerOf, sentenceOf } from '../../../lib/problem.ts'
import { showToast } from '../../../ui/toasts.tsx'
import { credentialName } from '../credential-name.ts'
import type { Credential } from './credentials.ts'

const CHOOSING = ['vault', 'choose']
const LONGEST_MS = 24 * 60 * 60 * 1_000
const SHORTEST_MS = 10_000

/** What the member has chosen to look at and act with; the server remembers it, and never chooses by itself. */
const activeCredentialQuery = queryOptions({
  queryKey: ['vault', 'active'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/v1/credentials/active', { signal })),
  refetchInterval: ({ state }) => untilExpiry(state.data?.credential?.expires_at, Date.now()),
})

/** When to look again at a credential that expires, in milliseconds; false when it does not within a day. */
function untilExpiry(expiresAt: string | null | undefined, now: number): number | false {
  if (!expiresAt) return false
  const left = new Date(expiresAt).getTime() - now
  return left < 0 || left > LONGEST_MS ? false : Math.max(left, SHORTEST_MS)
}

/** The credential that the pages of the desk show. */
export interface ActiveCredential {
  /** Null when none is chosen, and when the chosen one was deleted. */
  readonly credential: Credential | null
  /** Why nothing can be read with the chosen one; the page header tells it and asks for another. */
  readonly problem: ChoiceProblem | null
  readonly isLoading: boolean
  /** What reading the choice failed of, as long as none is known. */
  readonly error: Error | null
  retry(): void
}

/**
 * The credential that the member has chosen. Whatever is read with it belongs under a query key with its id, so that
 * figures of one never stand under the name of another.
 */
export function useActiveCredential(): ActiveCredential {
  const { data, error, refetch } = useQuery(activeCredentialQuery)
  return {
    credential: data?.credential ?? null,
    problem: data?.problem ?? null,
    isLoading: data === undefined && error === null,
    error: data === undefined ? error : null,
    retry: () => void refetch(),
  }
}

/** Chooses a credential, or none. Of several choices made quickly the last one counts, in every order of answers. */
export function useChooseCredential(): (id: string | null) => void {
  const queries = useQueryClient()
  const { queryKey } = activeCredentialQuery
  const { mutate } = useMutation({
    mutationKey: CHOOSING,
    scope: { id: 'vault-choose' },
    mutationFn: (id: string | null) =>
      answerOf(api.PUT('/api/v1/credentials/active', { body: { credential_id: id } })),
    async onSuccess(chosen) {
      if (queries.isMutating({ mutationKey: CHOOSING }) > 1) return
      await queries.cancelQueries({ queryKey })
      queries.setQueryData(queryKey, chosen)
      showToast(sentenceAbout(chosen.credential))
    },
    onError(error) {
      showToast(`The choice was not changed. ${sentenceOf(error)}`)
      void queries.invalidateQueries({ queryKey: ['vault'] })
    },
  })
  return mutate
}

/** Whether a choice is on its way to the server. */
export function useIsChoosing(): boolean {
  return useIsMutating({ mutationKey: CHOOSING }) > 0
}

function sentenceAbout(credential: Credential | null): string {
  if (credential === null) return 'No credential is chosen now.'
  return `Your desk now shows ${credential.environment.toUpperCase()} “${credentialName(credential)}”.`
}
