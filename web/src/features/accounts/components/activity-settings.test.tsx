// @vitest-environment happy-dom
import { QueryClientProvider } from '@tanstack/react-query'
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { queryClient } from '../../../lib/query-client.ts'
import { type AccountEvent, accountEventsQuery } from '../api/account-events.ts'
import type { Session } from '../api/security.ts'
import { ActivitySettings } from './activity-settings.tsx'
import { SessionsSettings } from './sessions-settings.tsx'

let made = 0
const event = (more: Partial<AccountEvent>): AccountEvent => ({
  id: `event-${++made}`,
  at: '2026-11-21T12:00:00.000Z',
  action: 'sign_in.password',
  result: 'ok',
  factor: 'pwd',
  address: '203.0.113.9',
  session_id: 'a-session',
  current: false,
  by_administrator: false,
  ...more,
})
const page = (items: readonly AccountEvent[], next_cursor: string | null = null) =>
  Response.json({ items, limit: 10, next_cursor })
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

const session = (id: string, current: boolean): Session => ({
  id,
  device: 'Firefox on Linux',
  address: '203.0.113.9',
  factors: ['pwd'],
  created_at: '2026-11-21T12:00:00.000Z',
  last_seen_at: '2026-11-21T12:00:00.000Z',
  expires_at: '2026-12-21T12:00:00.000Z',
  current,
})

let answers: (() => Response)[]
const asked: URLSearchParams[] = []
beforeEach(() => {
  asked.length = 0
  vi.spyOn(document, 'cookie', 'get').mockReturnValue('__Host-outcry-signed-in=1')
  vi.stubGlobal('fetch', async ({ url }: Request) => {
    const { pathname, searchParams } = new URL(url)
    if (pathname.startsWith('/api/v1/auth/sessions/')) return Response.json({ success: true })
    if (pathname === '/api/v1/auth/sessions')
      return Response.json({ items: [session('this', true), session('other', false)], next_cursor: null })
    asked.push(searchParams)
    return answers.shift()?.() ?? problem()
  })
})
afterEach(() => {
  cleanup()
  queryClient.clear()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

function show(...given: (() => Response)[]) {
  answers = given
  render(
    <QueryClientProvider client={queryClient}>
      <ActivitySettings />
    </QueryClientProvider>,
  )
}
const items = async () => (await screen.findAllByRole('listitem')).map((item) => item.textContent)

it('says what happened, when, from where, whether from here, and whether an administrator did it', async () => {
  show(() =>
    page([
      event({ current: true }),
      event({ result: 'refused', session_id: null }),
      event({ action: 'account.role_set_by_admin', address: null, session_id: null, by_administrator: true }),
    ]),
  )
  const [here, refused, byAdministrator, ...others] = await items()
  expect(others).toEqual([])
  expect(here).toMatch(/^Signed in with the password.*This device.*2026.*, from 203\.0\.113\.9$/)
  expect(refused).toMatch(/^Signing in with a password.*Refused.*from 203\.0\.113\.9$/)
  expect(refused).not.toContain('This device')
  expect(byAdministrator).toMatch(/^Role changed.*2026.*, by an administrator$/)
  expect(byAdministrator).not.toContain('from')
  const moment = within(screen.getAllByRole('listitem')[0] ?? document.body).getByText(/2026/)
  expect(moment.getAttribute('datetime')).toBe('2026-11-21T12:00:00.000Z')
})

it('says that it loads, and then that there is nothing', async () => {
  show(() => page([]))
  expect(screen.getByRole('status').textContent).toContain('Loading')
  await screen.findByText('Nothing has happened yet.')
  expect(screen.queryByRole('status')).toBeNull()
  expect(screen.queryByRole('button')).toBeNull()
})

it('says what went wrong, and tries again when asked', async () => {
  show(problem, () => page([event({})]))
  await screen.findByText('It broke.')
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
  expect(await items()).toHaveLength(1)
  expect(screen.queryByText('It broke.')).toBeNull()
})

it('shows more on a press, from where it was, also after that failed once', async () => {
  show(
    () => page([event({})], 'the-cursor'),
    problem,
    () => page([event({ action: 'passkey.added' })]),
  )
  fireEvent.click(await screen.findByRole('button', { name: 'Show more' }))
  await screen.findByText('It broke.')
  expect(await items()).toHaveLength(1)
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
  await screen.findByText('Passkey added')
  expect(await items()).toHaveLength(2)
  expect(asked.map((query) => query.get('cursor'))).toEqual([null, 'the-cursor', 'the-cursor'])
  expect(screen.queryByRole('button')).toBeNull()
})

it('asks for the same again when it was there and could not be read anew', async () => {
  show(
    () => page([event({})], 'the-cursor'),
    problem,
    () => page([event({ action: 'session.ended' }), event({})], 'another-cursor'),
  )
  await items()
  await queryClient.invalidateQueries({ queryKey: accountEventsQuery.queryKey })
  await screen.findByText('It broke.')
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
  await screen.findByText('Another session signed out')
  expect(await items()).toHaveLength(2)
  expect(asked.map((query) => query.get('cursor'))).toEqual([null, null, null])
})

it('shows what was done beside it as soon as it is done', async () => {
  show(
    () => page([event({ current: true })]),
    () => page([event({ action: 'session.ended', current: true }), event({ current: true })]),
  )
  render(
    <QueryClientProvider client={queryClient}>
      <SessionsSettings />
    </QueryClientProvider>,
  )
  fireEvent.click(await screen.findByRole('button', { name: /^Sign out/ }))
  await screen.findByText('Another session signed out')
  await waitFor(() => expect(queryClient.isFetching()).toBe(0))
  expect(asked).toHaveLength(2)
})
