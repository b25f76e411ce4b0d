import { describe, expect, it } from 'vitest'
import { RecentMemory } from './recent-memory.ts'

function memory(maxEntries = 10) {
  const clock = { ms: 0 }
  return { clock, recent: new RecentMemory<string>({ maxAgeMs: 5_000, maxEntries, now: () => clock.ms }) }
}

describe('recent memory', () => {
  it('gives a value until it is too old', async () => {
    const { clock, recent } = memory()
    await recent.load('a', async () => 'one')
    clock.ms = 5_000
    expect(recent.get('a')).toBe('one')
    clock.ms = 5_001
    expect(recent.get('a')).toBeUndefined()
    expect(recent.size).toBe(0)
  })

  it('counts the age from before the read', async () => {
    const { clock, recent } = memory()
    await recent.load('a', async () => {
      clock.ms = 4_000
      return 'one'
    })
    clock.ms = 5_001
    expect(recent.get('a')).toBeUndefined()
  })

  it('does not keep what was read while something was forgotten', async () => {
    const { recent } = memory()
    const used = await recent.load('a', async () => {
      recent.forget(() => false)
      return 'from before the change'
    })
    expect(used).toBe('from before the change')
    expect(recent.get('a')).toBeUndefined()
  })

  it('forgets what matches and nothing else', async () => {
    const { recent } = memory()
    await recent.load('a', async () => 'one')
    await recent.load('b', async () => 'two')
    recent.forget((value) => value === 'one')
    expect([recent.get('a'), recent.get('b')]).toEqual([undefined, 'two'])
  })

  it('keeps no absent value and no more than its limit, dropping the oldest', async () => {
    const { recent } = memory(2)
    await recent.load('none', async () => undefined)
    for (const key of ['a', 'b', 'c']) await recent.load(key, async () => key)
    expect([recent.get('a'), recent.get('b'), recent.get('c'), recent.size]).toEqual([undefined, 'b', 'c', 2])
  })
})
