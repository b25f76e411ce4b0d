// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { meQuery } from '../../../lib/me.ts'
import { ApiProblem } from '../../../lib/problem.ts'
import { withProof } from '../../../lib/step-up.ts'
import { StepUp } from './step-up.tsx'

const problem = (code: string, status: number) => ({
  ...{
    type: `urn:outcry:problem:${code}`,
    title: 't',
    status,
    detail: `Said by ${code}.`,
    instance: 'i',
    code,
  },
})
const notFresh = () =>
  new ApiProblem(problem('http.insufficient_user_authentication', 401), new Response(null, { status: 401 }))

const factorNeeded = () =>
  new ApiProblem(problem('accounts.factor_needed', 401), new Response(null, { status: 401 }))

let answers: Array<() => Response>
const sent: Array<{ url: string; body: string }> = []

beforeEach(() => {
  sent.length = 0
  answers = []
  vi.spyOn(document, 'cookie', 'get').mockReturnValue('__Host-outcry-signed-in=1')
  vi.stubGlobal('fetch', async (request: Request) => {
    if (request.method === 'GET') return Response.json(member)
    sent.push({ url: new URL(request.url).pathname, body: await request.text() })
    return answers.shift()?.() ?? Response.json({ success: true, message: 'm', data: null })
  })
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

let member = { two_factor_enabled: false, username: 'ada', status: 'active' }

function show(traits: Partial<typeof member> = {}) {
  member = { two_factor_enabled: false, username: 'ada', status: 'active', ...traits }
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } })
  queries.setQueryData<unknown>(meQuery.queryKey, member)
  return render(
    <QueryClientProvider client={queries}>
      <button type="button">opener</button>
      <StepUp />
    </QueryClientProvider>,
  )
}

/** Fails as the server does until a proof was sent. */
function fresh(): () => Promise<string> {
  let tries = 0
  return async () => {
    tries++
    if (tries === 1) throw notFresh()
    return `done after ${tries}`
  }
}

it('asks for the password, sends it once, and does what was asked for once more', async () => {
  show()
  const done = withProof(fresh())
  fireEvent.change(await screen.findByLabelText('Password'), { target: { value: ' pass word ' } })
  fireEvent.click(screen.getByRole('button', { name: 'Confirm' }))
  expect(await done).toBe('done after 2')
  expect(sent).toEqual([{ url: '/api/v1/auth/reauthenticate', body: '{"password":" pass word "}' }])
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
})

it('asks for a code where an app is in use, and takes it with spaces', async () => {
  show({ two_factor_enabled: true })
  const done = withProof(fresh())
  fireEvent.change(await screen.findByLabelText(/authenticator app/), { target: { value: '123 456' } })
  expect(screen.queryByLabelText('Password')).toBeNull()
  fireEvent.click(screen.getByRole('button', { name: 'Confirm' }))
  expect(await done).toBe('done after 2')
  expect(sent.map(({ body }) => body)).toEqual(['{"code":"123456"}'])
})

it('says why a proof was refused, stays open, and sends a wrong password no second time', async () => {
  show()
  answers = [() => Response.json(problem('accounts.proof_incorrect', 401), { status: 401 })]
  const done = withProof(fresh())
  fireEvent.change(await screen.findByLabelText('Password'), { target: { value: 'wrong' } })
  fireEvent.click(screen.getByRole('button', { name: 'Confirm' }))
  expect((await screen.findByRole('alert')).textContent).toContain('This password is incorrect.')
  expect(sent).toHaveLength(1)
  fireEvent.click(screen.getByRole('button', { name: 'Confirm' }))
  expect(await done).toBe('done after 2')
})

it("gives the server's answer to whoever declines", async () => {
  show()
  const done = withProof(fresh())
  const outcome = expect(done).rejects.toThrow('Said by http.insufficient_user_authentication.')
  fireEvent.click(await screen.findByRole('button', { name: 'Leave it' }))
  await outcome
  expect(sent).toEqual([])
})

it('takes no password where only a code or a passkey counts', async () => {
  show()
  const done = withProof(() => Promise.reject(factorNeeded()))
  const outcome = expect(done).rejects.toThrow('Said by accounts.factor_needed.')
  await screen.findByText('This takes a passkey, and this browser has none. Use one that has.')
  expect(screen.queryByLabelText('Password')).toBeNull()
  fireEvent.click(screen.getByRole('button', { name: 'Close' }))
  await outcome
})

it('asks once for two things that were done together, and answers both', async () => {
  show()
  const both = [withProof(fresh()), withProof(fresh())]
  fireEvent.change(await screen.findByLabelText('Password'), { target: { value: 'pass' } })
  fireEvent.click(screen.getByRole('button', { name: 'Confirm' }))
  expect(await Promise.all(both)).toEqual(['done after 2', 'done after 2'])
  expect(sent).toHaveLength(1)
})

it('leaves nobody waiting when the page goes away', async () => {
  const { unmount } = show()
  const done = withProof(fresh())
  await screen.findByRole('dialog')
  const outcome = expect(done).rejects.toThrow(ApiProblem)
  unmount()
  await outcome
})
