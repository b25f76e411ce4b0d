import { expect, it } from 'vitest'
import { shortList } from './short-list.ts'

const at = (ms: number, id: string) => ({ id, created_at: new Date(ms) })
const OLDEST_FIRST = [at(1, 'a'), at(2, 'a'), at(2, 'b'), at(2, 'c'), at(3, 'b')]
const nameOf = ({ id, created_at }: (typeof OLDEST_FIRST)[number]) => `${created_at.getTime()}${id}`

it.each([
  { order: 'oldest first', rows: OLDEST_FIRST },
  { order: 'newest first', rows: OLDEST_FIRST.toReversed() },
] as const)(
  'goes on behind any row of a list, $order, also when that row is gone',
  async ({ order, rows }) => {
    for (const [i, row] of rows.entries()) {
      const behind = rows.slice(i + 1).map(nameOf)
      for (const left of [rows, rows.filter((each) => each !== row)]) {
        const list = shortList({ name: 'rows', order, read: async () => left })
        const after = (limit: number) => list.listAfter({ ...list.positionOf(row), limit })
        expect((await after(9)).map(nameOf)).toEqual(behind)
        expect((await after(2)).map(nameOf)).toEqual(behind.slice(0, 2))
      }
    }
  },
)

it('reads once for a page and its total', async () => {
  let reads = 0
  const read = async () => {
    reads++
    return OLDEST_FIRST
  }
  const list = shortList({ name: 'rows', order: 'oldest first', read })
  expect((await list.listFrom({ skip: 3, limit: 9 })).map(nameOf)).toEqual(['2c', '3b'])
  expect([await list.count(), reads]).toEqual([5, 1])
})
