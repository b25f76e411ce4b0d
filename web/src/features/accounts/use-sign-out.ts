import { useMutation } from '@tanstack/react-query'
import { api } from '../../lib/api.ts'
import { answerOf, sentenceOf } from '../../lib/problem.ts'

/** Ends this session and starts over, so that nothing of it stays in the page's memory. */
export function useSignOut(onFailure: (sentence: string) => void): {
  signOut(): void
  readonly isBusy: boolean
} {
  const { mutate, isPending } = useMutation({
    mutationFn: () => answerOf(api.POST('/api/v1/auth/logout', { body: { all: false } })),
    onSuccess: () => location.assign('/'),
    onError: (error) => onFailure(sentenceOf(error)),
  })
  return { signOut: () => mutate(), isBusy: isPending }
}
