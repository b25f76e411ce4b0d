import { access, readdir, readFile } from 'node:fs/promises'
import { constants, getPriority } from 'node:os'
import { describe, expect, it } from 'vitest'
import { lowerPoolPriority, POOL_NICER_BY } from './pool-priority.ts'

/** The niceness of each thread of this process, by what the thread is called. */
async function nicenessByName(): Promise<Map<string, Set<number>>> {
  const found = new Map<string, Set<number>>()
  for (const thread of await readdir('/proc/self/task')) {
    const name = (await readFile(`/proc/self/task/${thread}/comm`, 'utf8')).trim()
    found.set(name, (found.get(name) ?? new Set()).add(getPriority(Number(thread))))
  }
  return found
}

describe('the threads that hash passwords', () => {
  it('go behind the event loop and everything else, where a thread has a priority', async () => {
    await access('/') // the pool has its threads from the first work on
    const own = getPriority()
    await lowerPoolPriority()
    expect(getPriority()).toBe(own)
    if (process.platform !== 'linux') return
    const { 'libuv-worker': pool, ...others } = Object.fromEntries(await nicenessByName())
    expect(pool).toEqual(new Set([Math.min(own + POOL_NICER_BY, constants.priority.PRIORITY_LOW)]))
    expect(new Set(Object.values(others).flatMap((each) => [...each]))).toEqual(new Set([own]))
  })
})
