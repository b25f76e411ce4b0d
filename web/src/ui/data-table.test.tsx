// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { type Column, DataTable, useOrder } from './data-table.tsx'

afterEach(cleanup)

interface Row {
  readonly symbol: string
  readonly rank: number
}

const ROWS: readonly Row[] = [
  { symbol: 'KO', rank: 10 },
  { symbol: 'MSFT', rank: 9 },
  { symbol: 'JPM', rank: 11 },
]
const COLUMNS: readonly Column<Row>[] = [
  { name: 'Symbol', cell: ({ symbol }) => symbol },
  { name: 'Rank', isFigure: true, cell: ({ rank }) => rank, compare: (a, b) => a.rank - b.rank },
]

function Ranks() {
  const table = useOrder(ROWS, COLUMNS)
  return <DataTable caption="Ranks" {...table} columns={COLUMNS} keyOf={({ symbol }) => symbol} />
}

const symbols = () => screen.getAllByRole('rowheader').map(({ textContent }) => textContent)

it('keeps the order it is given until a column is asked for, then up, then down', () => {
  render(<Ranks />)
  const header = screen.getByRole('columnheader', { name: 'Rank' })
  expect(symbols()).toEqual(['KO', 'MSFT', 'JPM'])
  expect(header.hasAttribute('aria-sort')).toBe(false)
  fireEvent.click(screen.getByRole('button', { name: 'Rank' }))
  expect(symbols()).toEqual(['MSFT', 'KO', 'JPM'])
  expect(header.getAttribute('aria-sort')).toBe('ascending')
  fireEvent.click(screen.getByRole('button', { name: 'Rank' }))
  expect(symbols()).toEqual(['JPM', 'KO', 'MSFT'])
  expect(header.getAttribute('aria-sort')).toBe('descending')
})

it('offers no order where rows cannot be compared', () => {
  render(<Ranks />)
  expect(screen.queryByRole('button', { name: 'Symbol' })).toBeNull()
  expect(screen.getByRole('region', { name: 'Ranks' }).tabIndex).toBe(0)
})
