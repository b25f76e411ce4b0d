import { generateKeySync } from 'node:crypto'
import { expect, it } from 'vitest'
import { countUses, SpentKeyError } from './counted-keys.ts'
import type { SecretKey } from './key-ring.ts'
import { createSealer } from './sealed.ts'

const BINDING = { table: 't', record: 'r', owner: 'o', field: 'f', version: 1 }
const secretKey = (id: string): SecretKey => ({ id, key: generateKeySync('aes', { length: 256 }) })
const [first, second] = [secretKey('aaaaaaa'), secretKey('bbbbbbb')]
const bothById = new Map([first, second].map((key) => [key.id, key]))

/** A ring whose current key can be changed, and what was reserved of its keys, up to a most. */
function ringWith({ most = Number.POSITIVE_INFINITY } = {}) {
  const ring = { current: first, byId: bothById }
  const reserved: Record<string, number> = {}
  const asked: Promise<unknown>[] = []
  let isDown = false
  const keys = countUses(ring, (id, uses) => {
    const answer = (async () => {
      if (isDown) throw new Error('The database is away.')
      reserved[id] = (reserved[id] ?? 0) + uses
      return reserved[id] <= most
    })()
    asked.push(answer)
    return answer
  })
  return {
    ...{ ring, keys, reserved, asked, sealer: createSealer(keys) },
    setDown(value: boolean) {
      isDown = value
    },
    /** Waits for what was asked so far. */
    answered: async () => {
      await Promise.allSettled(asked)
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

it('is used as often as was reserved before, and no more', async () => {
  const on = ringWith()
  expect(() => on.sealer.seal(BINDING, 'a')).toThrow(SpentKeyError)
  await on.answered()
  const granted = on.reserved[first.id]
  let seals = 0
  const sealAll = () => {
    for (;;) {
      on.sealer.seal(BINDING, 'a')
      seals++
    }
  }
  expect(sealAll).toThrow(SpentKeyError) // no turn in which the next block could come
  expect(seals).toBe(granted)
})

it('asks for more before nothing is left, in blocks that grow, and counts what is wrapped anew as well', async () => {
  const on = ringWith()
  await on.keys.ready()
  const sealed = on.sealer.seal(BINDING, 'a')
  for (let uses = 1; uses < 100_000; uses++) {
    if (uses % 2 === 0) on.sealer.seal(BINDING, 'a')
    else on.sealer.rewrap(BINDING, sealed)
    if (uses % 500 === 0) await on.answered()
    expect(on.reserved[first.id]).toBeGreaterThan(uses)
  }
  expect(on.asked.length).toBeLessThan(8)
})

it('costs nothing to open', async () => {
  const on = ringWith()
  await on.keys.ready()
  const sealed = on.sealer.seal(BINDING, 'a')
  for (let opens = 0; opens < 5_000; opens++) on.sealer.open(BINDING, sealed)
  expect(on.asked).toHaveLength(1)
})

it('seals no more once its uses are spent, and is not asked for again', async () => {
  const on = ringWith({ most: 10_000 })
  await on.keys.ready()
  let seals = 0
  const sealMany = async () => {
    for (;;) {
      on.sealer.seal(BINDING, 'a')
      if (seals++ % 100 === 0) await on.answered()
    }
  }
  await expect(sealMany()).rejects.toThrow(
    'The key aaaaaaa may not seal any more, because it has sealed so much; run outcry keys rotate.',
  )
  expect(seals).toBeLessThanOrEqual(10_000)
  const { length } = on.asked
  expect(() => on.sealer.seal(BINDING, 'a')).toThrow(SpentKeyError)
  expect(on.asked).toHaveLength(length)
})

it('makes way for a new key as soon as uses of that one are reserved', async () => {
  const on = ringWith()
  await on.keys.ready()
  on.ring.current = second
  on.setDown(true)
  expect(on.sealer.keyIdOf(on.sealer.seal(BINDING, 'a'))).toBe(first.id)
  await on.answered()
  expect(on.sealer.keyIdOf(on.sealer.seal(BINDING, 'a'))).toBe(first.id)
  on.setDown(false)
  await on.answered()
  on.sealer.seal(BINDING, 'a')
  await on.answered()
  expect(on.sealer.keyIdOf(on.sealer.seal(BINDING, 'a'))).toBe(second.id)
  expect(on.reserved[second.id]).toBeGreaterThan(1)
})
