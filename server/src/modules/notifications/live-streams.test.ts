import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LiveStreams, type MemberStream } from './live-streams.ts'

type WhichAreOpen = (sessionIds: readonly string[]) => Promise<ReadonlySet<string>>

function start(whichAreOpen: WhichAreOpen = async (ids) => new Set(ids)) {
  const warned: string[] = []
  const signals = { isLive: true }
  const log = { warn: (_fields: object, message: string) => void warned.push(message) }
  const live = new LiveStreams({ sessions: { whichAreOpen }, signals, log })
  const open = (userId: string, sessionId = `${userId}-session`) => {
    const end = new AbortController()
    const told: string[] = []
    const stream: MemberStream = {
      ...{ userId, sessionId, ended: end.signal },
      credentialChanged: (id) => void told.push(id),
      resync: () => void told.push('resync'),
      sessionEnded() {
        told.push('over')
        end.abort()
      },
      end: () => end.abort(),
    }
    live.add(stream)
    return { told, ended: end.signal, leave: () => end.abort() }
  }
  return { live, open, signals, warned }
}

describe('live streams', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('tell each member of their own credentials alone, in all of their streams', () => {
    const { live, open } = start()
    const streams = [open('ann'), open('ann', 'another'), open('ben')]
    live.credentialChanged({ userId: 'ann', credentialId: 'c' })
    live.credentialChanged({ userId: 'nobody', credentialId: 'd' })
    expect(streams.map(({ told }) => told)).toEqual([['c'], ['c'], []])
  })

  it('end within five seconds of a session that ended without a note', async () => {
    const open = new Set(['ann-session', 'ben-session'])
    const on = start(async () => open)
    const [ann, ben] = [on.open('ann'), on.open('ben')]
    await vi.advanceTimersByTimeAsync(60_000)
    expect([ann.ended.aborted, ben.ended.aborted]).toEqual([false, false])
    open.delete('ann-session')
    await vi.advanceTimersByTimeAsync(5_000)
    expect([ann.told, ben.told]).toEqual([['over'], []])
    expect([ann.ended.aborted, ben.ended.aborted]).toEqual([true, false])
  })

  it('end within five seconds when the database fails, or does not answer at all', async () => {
    const answers: Record<string, WhichAreOpen> = {
      good: async (ids) => new Set(ids),
      failing: () => Promise.reject(new Error('no')),
      silent: () => new Promise(() => undefined),
    }
    for (const failure of ['failing', 'silent']) {
      let state = 'good'
      const on = start((ids) => answers[state]?.(ids) ?? Promise.reject(new Error(state)))
      const ann = on.open('ann')
      await vi.advanceTimersByTimeAsync(10_000)
      expect(ann.ended.aborted).toBe(false)
      state = failure
      await vi.advanceTimersByTimeAsync(5_000)
      expect([failure, ann.ended.aborted, ann.told]).toEqual([failure, true, []])
      expect(on.warned).toHaveLength(1)
    }
  })

  it('look again at a member who changes while they are looked at, once for many changes', async () => {
    const asked: (() => void)[] = []
    const open = new Set(['ann-session'])
    const on = start(() => new Promise((resolve) => asked.push(() => resolve(new Set(open)))))
    const ann = on.open('ann')
    for (let changes = 0; changes < 50; changes++) on.live.memberChanged('ann')
    on.live.memberChanged('nobody')
    expect(asked).toHaveLength(1)
    asked[0]?.()
    await vi.advanceTimersByTimeAsync(0)
    expect([asked.length, ann.ended.aborted]).toEqual([2, false])
    open.clear()
    asked[1]?.()
    await vi.advanceTimersByTimeAsync(0)
    expect([asked.length, ann.told]).toEqual([2, ['over']])
  })

  it('are told to read anew once what may be missed can be heard again, and not of gaps that are none', async () => {
    const { live, open, signals } = start()
    live.gap()
    const ann = open('ann')
    live.gap()
    await vi.advanceTimersByTimeAsync(4_000)
    expect(ann.told).toEqual([])
    signals.isLive = false
    live.gap()
    await vi.advanceTimersByTimeAsync(4_000)
    expect(ann.told).toEqual([])
    signals.isLive = true
    await vi.advanceTimersByTimeAsync(10_000)
    expect(ann.told).toEqual(['resync'])
  })

  it('leave nothing behind', async () => {
    const { live, open } = start()
    const ann = open('ann')
    expect(vi.getTimerCount()).toBe(1)
    ann.leave()
    expect(vi.getTimerCount()).toBe(0)
    live.credentialChanged({ userId: 'ann', credentialId: 'c' })
    expect(ann.told).toEqual([])
  })
})
