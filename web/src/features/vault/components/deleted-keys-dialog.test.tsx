// @vitest-environment happy-dom
import { QueryClientProvider } from '@tanstack/react-query'
import { cleanup, fireEvent, render, screen, within } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { queryClient } from '../../../lib/query-client.ts'
import type { AuditEntry } from '../api/credential-audit.ts'
import type { DeletedCredential } from '../api/deleted-credentials.ts'
import { DeletedKeysDialog } from './deleted-keys-dialog.tsx'

const deleted = (id: string, nickname: string): DeletedCredential => ({
  id,
  created_at: '2026-11-01T12:00:00.000Z',
  deleted_at: '2026-11-21T12:00:00.000Z',
  account_id: 'an-account',
  credential_type: 'alpaca_live',
  nickname,
  environment: 'live',
  key_hint: 'AB12',
})
const used: AuditEntry = {
  id: 'an-entry',
  at: '2026-11-20T12:00:00.000Z',
  action: 'credential.used',
  purpose: 'positions',
  actor_id: 'me',
  session_id: null,
  token_id: 'a-token',
  outcome: 'ok',
  address: '203.0.113.9',
  request_id: 'r-1',
}

const page = (items: readonly unknown[], next_cursor: string | null = null) =>
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
const asked: string[] = []
beforeEach(() => {
  asked.length = 0
  vi.stubGlobal('fetch', async ({ url }: Request) => {
    const { pathname, search } = new URL(url)
    asked.push(`${pathname.replace('/api/v1/credentials/', '')}${search}`)
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
      <DeletedKeysDialog onClose={() => {}} />
    </QueryClientProvider>,
  )
}

it('says what the key was called, where it traded and when it was deleted', async () => {
  show(() => page([deleted('one', 'Retirement')]))
  const [item, ...others] = await screen.findAllByRole('listitem')
  expect(others).toEqual([])
  expect(item?.textContent).toMatch(/LIVE.*Retirement.*Key …AB12, deleted .*2026/)
})

it('says that it loads, and then that there is nothing', async () => {
  show(() => page([]))
  expect(screen.getByRole('status').textContent).toContain('Loading')
  await screen.findByText('There is no deleted key.')
  expect(screen.queryByRole('status')).toBeNull()
})

it('says what went wrong, and tries again when asked', async () => {
  show(problem, () => page([deleted('one', 'Retirement')]))
  await screen.findByText('It broke.')
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
  expect(await screen.findAllByRole('listitem')).toHaveLength(1)
  expect(screen.queryByText('It broke.')).toBeNull()
})

it('shows more on a press, from where it was, also after that failed once', async () => {
  show(
    () => page([deleted('one', 'Retirement')], 'the-cursor'),
    problem,
    () => page([deleted('two', 'Swing ideas')]),
  )
  fireEvent.click(await screen.findByRole('button', { name: 'Show more' }))
  await screen.findByText('It broke.')
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
  await screen.findByText('Swing ideas')
  expect(screen.getAllByRole('listitem')).toHaveLength(2)
  expect(asked).toEqual(['deleted?limit=20', ...Array(2).fill('deleted?limit=20&cursor=the-cursor')])
  expect(screen.queryByRole('button', { name: 'Show more' })).toBeNull()
})

it('shows what was done with the key that was asked for', async () => {
  show(
    () => page([deleted('one', 'Retirement'), deleted('two', 'Swing ideas')]),
    () => page([used]),
  )
  fireEvent.click(await screen.findByRole('button', { name: 'See what was done with Swing ideas' }))
  const log = await screen.findByRole('dialog', { name: 'What was done with “Swing ideas”' })
  expect((await within(log).findByRole('listitem')).textContent).toMatch(/Positions read.*Done.*2026/)
  expect(asked[1]).toBe('two/audit?limit=20')
})
