// @vitest-environment happy-dom
import { QueryClientProvider } from '@tanstack/react-query'
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { queryClient } from '../../../lib/query-client.ts'
import { type AuditEntry, credentialAuditQuery } from '../api/credential-audit.ts'
import { UsesDialog } from './uses-dialog.tsx'

const entry = (id: string, purpose: string): AuditEntry => ({
  id,
  at: '2026-11-20T12:00:00.000Z',
  action: 'credential.used',
  purpose,
  actor_id: 'me',
  session_id: null,
  token_id: 'a-token',
  outcome: 'ok',
  address: '203.0.113.9',
  request_id: 'r-1',
})
const named = {
  nickname: 'Retirement',
  credential_type: 'alpaca_live',
  created_at: '2026-11-01T12:00:00.000Z',
}
const page = (items: readonly AuditEntry[], next_cursor: string | null = null) =>
  Response.json({ items, limit: 20, next_cursor })
const problem = () =>
  Response.json(
    {
      type: 'urn:outcry:problem:x.y',
      title: 't',
      status: 500,
      detail: 'It broke.',
      instance: 'i',
      code: 'x.y',
    },
    { status: 500, headers: { 'content-type': 'application/problem+json' } },
  )

let answers: (() => Response)[]
const asked: (string | null)[] = []
beforeEach(() => {
  asked.length = 0
  vi.stubGlobal('fetch', async ({ url }: Request) => {
    asked.push(new URL(url).searchParams.get('cursor'))
    return answers.shift()?.() ?? problem()
  })
})
afterEach(() => {
  cleanup()
  queryClient.clear()
  vi.unstubAllGlobals()
})

function show(...given: (() => Response)[]) {
  answers = given
  render(
    <QueryClientProvider client={queryClient}>
      <UsesDialog credential={{ ...named, id: 'one' }} onClose={() => {}} />
    </QueryClientProvider>,
  )
}

it('says what was done, when, by whom and from where', async () => {
  show(() => page([entry('one', 'positions')]))
  const [item, ...others] = await screen.findAllByRole('listitem')
  expect(others).toEqual([])
  expect(item?.textContent).toMatch(
    /Positions read.*Done.*2026.*by a personal access token · from 203\.0\.113\.9/,
  )
})

it('says that it loads, and then that there is nothing', async () => {
  show(() => page([]))
  expect(screen.getByRole('status').textContent).toContain('Loading')
  await screen.findByText('Nothing was done with it yet.')
  expect(screen.queryByRole('status')).toBeNull()
})

it('says what went wrong, and tries again when asked', async () => {
  show(problem, () => page([entry('one', 'positions')]))
  await screen.findByText('It broke.')
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
  expect(await screen.findAllByRole('listitem')).toHaveLength(1)
  expect(screen.queryByText('It broke.')).toBeNull()
})

it('shows more on a press, from where it was, also after that failed once', async () => {
  show(
    () => page([entry('one', 'positions')], 'the-cursor'),
    problem,
    () => page([entry('two', 'orders')]),
  )
  fireEvent.click(await screen.findByRole('button', { name: 'Show more' }))
  await screen.findByText('It broke.')
  expect(screen.queryByRole('button', { name: 'Show more' })).toBeNull()
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
  await screen.findByText('Orders read')
  expect(screen.getAllByRole('listitem')).toHaveLength(2)
  expect(asked).toEqual([null, 'the-cursor', 'the-cursor'])
})

it('asks for the same again when it was there and could not be read anew', async () => {
  show(
    () => page([entry('one', 'positions')], 'the-cursor'),
    problem,
    () => page([entry('two', 'orders'), entry('one', 'positions')], 'another-cursor'),
  )
  await screen.findByText('Positions read')
  await queryClient.invalidateQueries({ queryKey: credentialAuditQuery('one').queryKey })
  await screen.findByText('It broke.')
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
  await screen.findByText('Orders read')
  expect(asked).toEqual([null, null, null])
})
