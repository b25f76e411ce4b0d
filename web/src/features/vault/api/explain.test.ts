import { expect, it } from 'vitest'
import { ApiProblem, sentenceOf } from '../../../lib/problem.ts'
import { explainedFor } from './explain.ts'

const problem = (code: string, reason?: string) =>
  new ApiProblem(
    {
      type: `urn:outcry:problem:${code}`,
      title: '',
      status: 422,
      detail: 'In the words of the server.',
      instance: 'r-1',
      code,
      ...(reason === undefined ? {} : { errors: [{ path: 'body.api_key', message: 'm', code: reason }] }),
    },
    new Response(null, { status: 422 }),
  )

function sentenceFor(error: unknown): string {
  try {
    return explainedFor('paper')(error)
  } catch (thrown) {
    return sentenceOf(thrown)
  }
}

it('tells a key of the other environment from one that is refused', () => {
  const other = sentenceFor(problem('vault.key_refused', 'wrong_environment'))
  expect(other).toContain('this is a live key')
  expect(sentenceFor(problem('vault.key_refused', 'rejected'))).toContain('does not accept')
})

it('says that something was changed elsewhere', () => {
  expect(sentenceFor(problem('vault.version_stale'))).toMatch(/^It was changed elsewhere\./)
})

it('leaves everything else as it is', () => {
  const proof = problem('http.insufficient_user_authentication')
  expect(() => explainedFor('paper')(proof)).toThrow(proof)
  expect(sentenceFor(problem('vault.already_stored'))).toBe('In the words of the server.')
})
