import { describe, expect, it } from 'vitest'
import { createBatchLoader } from './batch-loader.ts'

/** A loader of each letter's capital, with the batches that were read. */
function capitals(most = 10) {
  const batches: (readonly string[])[] = []
  const load = createBatchLoader(async (keys) => {
    batches.push(keys)
    if (keys.includes('!')) throw new Error('not a letter')
    return new Map(keys.filter((key) => key !== '?').map((key) => [key, key.toUpperCase()]))
  }, most)
  return { batches, load }
}

describe('a batch loader', () => {
  it('reads what is asked for in one turn at once, and gives each asker their own', async () => {
    const { batches, load } = capitals()
    expect(await Promise.all([load('a'), load('b'), load('a'), load('?')])).toEqual([
      'A',
      'B',
      'A',
      undefined,
    ])
    expect(batches).toEqual([['a', 'b', '?']])
  })

  it('reads again for whoever asks while a batch is being read', async () => {
    const reads: PromiseWithResolvers<ReadonlyMap<string, string>>[] = []
    const load = createBatchLoader(() => {
      const read = Promise.withResolvers<ReadonlyMap<string, string>>()
      reads.push(read)
      return read.promise
    }, 10)
    const early = load('a')
    await expect.poll(() => reads).toHaveLength(1)
    const late = load('a')
    await expect.poll(() => reads).toHaveLength(2)
    for (const [n, read] of reads.entries()) read.resolve(new Map([['a', `read ${n}`]]))
    expect([await early, await late]).toEqual(['read 0', 'read 1'])
  })

  it('reads no more at once than it may', async () => {
    const { batches, load } = capitals(2)
    const letters = ['a', 'b', 'c', 'd', 'e']
    expect(await Promise.all(letters.map(load))).toEqual(['A', 'B', 'C', 'D', 'E'])
    expect(batches).toEqual([['a', 'b'], ['c', 'd'], ['e']])
  })

  it('fails for all who are in a batch that fails, and for nobody else', async () => {
    const { load } = capitals(2)
    const asked = await Promise.allSettled([load('a'), load('!'), load('b')])
    expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
    expect(await load('a')).toBe('A')
  })

  it('fails alike when reading throws at once', async () => {
    const load = createBatchLoader(() => {
      throw new Error('not even begun')
    }, 10)
    await expect(load('a')).rejects.toThrow('not even begun')
  })
})
