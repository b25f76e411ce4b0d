// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { DeadJobs } from './dead-jobs.tsx'
import { SystemFigures } from './system-figures.tsx'

const MINUTE = 60_000
const AT = '2026-11-21T12:00:00.000Z'
const status = {
  version: '1.2.3',
  started_at: AT,
  clock_ok: true,
  database: { kind: 'sqlite', ok: true, migrations_pending: 0, size_bytes: 1 },
  jobs: { waiting: 0, due: 0, running: 0, dead: 0 },
  vault: { state: 'running' },
  audit: { entries: 0, last_checkpoint_at: null, verified: null, is_verifying: false },
  storage: { data_dir_bytes_free: 1, data_dir_bytes_total: 2, mail_waiting: 0 },
  keys: [],
}

let asked: number
let verified: object | null
beforeEach(async () => {
  vi.useFakeTimers()
  asked = 0
  verified = null
  vi.stubGlobal('fetch', async ({ url }: Request) => {
    if (url.includes('/admin/jobs')) return Response.json({ items: [], next_cursor: null })
    asked++
    return Response.json({ ...status, audit: { ...status.audit, verified } })
  })
  render(
    <QueryClientProvider client={new QueryClient()}>
      <SystemFigures />
      <DeadJobs />
    </QueryClientProvider>,
  )
  await pass(MINUTE)
})
afterEach(() => {
  cleanup()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms))
async function askedIn(ms: number): Promise<number> {
  const before = asked
  await pass(ms)
  return asked - before
}

it('asks again every ten seconds while somebody is there', async () => {
  expect(await askedIn(MINUTE)).toBe(6)
  expect(screen.queryByText(/have stopped/)).toBeNull()
})

it('stops after a quarter of an hour without a sign of anybody, says so, and goes on at once with one', async () => {
  await pass(14 * MINUTE)
  expect(await askedIn(60 * MINUTE)).toBe(0)
  screen.getByText(/have stopped/)
  fireEvent.pointerDown(document.body)
  expect(await askedIn(1_000)).toBe(1)
  expect(screen.queryByText(/have stopped/)).toBeNull()
  expect(await askedIn(MINUTE)).toBe(6)
})

it.each(['keyDown', 'wheel'] as const)('takes %s for a sign of somebody', async (kind) => {
  await pass(13 * MINUTE)
  fireEvent[kind](document.body)
  await pass(10 * MINUTE)
  expect(await askedIn(MINUTE)).toBe(6)
})

it('asks nothing while the tab is hidden', async () => {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
  expect(await askedIn(10 * MINUTE)).toBe(0)
})

it('says how far the audit log is whole, and how far it is signed', async () => {
  const seen = async (found: object) => {
    verified = { ok: true, checked_at: AT, through: 41, signed_to: 0, fault: null, ...found }
    await pass(11_000)
    return screen.getByText(/^(Every entry|The audit log could)/).textContent?.trim()
  }
  const whole = 'Every entry up to number 41 is as it was written'
  expect(await seen({ signed_to: 40 })).toBe(`${whole}, and signed up to number 40.`)
  expect(await seen({})).toBe(`${whole}, and none is signed yet.`)
  const fault = 'The audit log could not be verified.'
  const failed = await seen({ ok: false, through: 0, fault })
  expect(failed).toContain(fault)
  expect(failed).not.toContain('number 0')
})
