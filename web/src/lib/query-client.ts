import { MutationCache, QueryClient } from '@tanstack/react-query'
import { ConnectionProblem } from './problem.ts'
import { sessionHint } from './session-hint.ts'

const TRIES = 2

/** The `meta` of a query that any write may change, done or refused: after each one it is read anew. */
export const followsWrites = { followsWrites: true } as const

/** The browser's cache of what the server said. Reads are tried again when the server could not be reached; writes never. */
export const queryClient: QueryClient = new QueryClient({
  mutationCache: new MutationCache({
    onSettled() {
      // Note: the write may have signed out.
      if (!sessionHint.isPresent()) return
      void queryClient.invalidateQueries({ predicate: ({ meta }) => meta?.followsWrites === true })
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      retry: (failures, error) => failures < TRIES && error instanceof ConnectionProblem,
    },
    mutations: { retry: false },
  },
})
