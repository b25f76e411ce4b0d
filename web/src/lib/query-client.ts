import { QueryClient } from '@tanstack/react-query'
import { ConnectionProblem } from './problem.ts'

const TRIES = 2

/** The browser's cache of what the server said. Reads are tried again when the server could not be reached; writes never. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      retry: (failures, error) => failures < TRIES && error instanceof ConnectionProblem,
    },
    mutations: { retry: false },
  },
})
