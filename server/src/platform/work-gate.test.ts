import { expect, it } from 'vitest'
import { BusyError, createWorkGate } from './work-gate.ts'

const gateOf = (maxConcurrent: number, maxQueued: number) =>
  createWorkGate({ maxConcurrent, maxQueued, retryAfterSeconds: 2 })

it('never runs more than it may, starts waiting work in order, and refuses the rest at once', async () => {
  const gate = gateOf(2, 3)
  const started: number[] = []
  const finish: (() => void)[] = []
  const results = Array.from({ length: 7 }, (_, index) =>
    gate(() => {
      started.push(index)
      return new Promise<number>((resolve) => finish.push(() => resolve(index)))
    }),
  )
  await expect(results[5]).rejects.toBeInstanceOf(BusyError)
  await expect(results[6]).rejects.toMatchObject({ retryAfterSeconds: 2 })
  expect(started).toEqual([0, 1])
  for (let done = 0; done < 5; done += 1) {
    finish[done]?.()
    expect(await results[done]).toBe(done)
    expect(started).toEqual(Array.from({ length: Math.min(5, done + 3) }, (_, index) => index))
  }
})

it('gives the place back when work fails', async () => {
  const gate = gateOf(1, 0)
  await expect(gate(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  expect(await gate(async () => 'works')).toBe('works')
})

it('keeps a place for work that is still prepared, and takes it back once', async () => {
  const gate = gateOf(1, 1)
  const [first, second] = [gate.reserve(), gate.reserve()]
  expect(() => gate.reserve()).toThrow(BusyError)
  await expect(gate(async () => 'late')).rejects.toBeInstanceOf(BusyError)
  expect(await Promise.all([gate(async () => 1, first), gate(async () => 2, second)])).toEqual([1, 2])
  first[Symbol.dispose]()
  first[Symbol.dispose]()
  expect(await gate(async () => 'works')).toBe('works')
  expect(() => [gate.reserve(), gate.reserve()]).toThrow(BusyError)
})
