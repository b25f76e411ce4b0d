import { describe, expect, it } from 'vitest'
import { RecentMemory } from './recent-memory.ts'

function memory(maxEntries = 10) {
  const clock = { ms: 0 }
  const now = () => clock.ms
  const groupOf = (value: string) => value.slice(0, 3)
  return { clock, recent: new RecentMemory<string>({ maxAgeMs: 5_000, maxEntries, now, groupOf }) }
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
      recent.forget('another')
      return 'from before the change'
    })
    expect(used).toBe('from before the change')
    expect(recent.get('a')).toBeUndefined()
  })

  it('forgets a group and nothing else, or all', async () => {
    const { recent } = memory()
    for (const key of ['one', 'one more', 'two']) await recent.load(key, async () => key)
    recent.forget('one')
    expect(['one', 'one more', 'two'].map((key) => recent.get(key))).toEqual([undefined, undefined, 'two'])
    await recent.load('one', async () => 'one')
    recent.forgetAll()
    expect([recent.get('one'), recent.get('two'), recent.size]).toEqual([undefined, undefined, 0])
  })

  it('keeps no absent value and no more than its limit, dropping the oldest', async () => {
    const { recent } = memory(2)
    await recent.load('none', async () => undefined)
    for (const key of ['a', 'b', 'c']) await recent.load(key, async () => key)
    expect([recent.get('a'), recent.get('b'), recent.get('c'), recent.size]).toEqual([undefined, 'b', 'c', 2])
    recent.forget('a')
    expect(recent.size).toBe(2)
  })
})
