import { ArrowDown, ArrowUp, ArrowUpDown } from 'lucide-react'
import { type ReactNode, useMemo, useState } from 'react'
import { classNames } from './class-names.ts'

/** A column of a `DataTable`. */
export interface Column<Row> {
  readonly name: string
  /** What stands in the cell. */
  cell(row: Row): ReactNode
  /** Orders rows by this column; without it the column cannot be sorted by. */
  compare?(a: Row, b: Row): number
  /** Whether it holds figures, which stand on the right. */
  readonly isFigure?: boolean
}

interface DataTableProps<Row> {
  /** What the table holds, read out by screen readers. */
  readonly caption: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  keyOf(row: Row): string
  /** How the rows are sorted. */
  readonly order?: Order | undefined
  /** Is asked to sort them otherwise; without it no column can be sorted by. */
  onSort?(order: Order): void
}

/** By which column rows are sorted, and which way. */
export interface Order {
  readonly column: string
  readonly isDescending: boolean
}

// Note: a shadow, because a collapsed border stays behind when the column does.
const FIRST = 'sticky left-0 bg-inherit shadow-[1px_0_0_var(--line)]'

/** Rows in the order that was chosen, and the choosing, for a `DataTable`. */
export function useOrder<Row>(rows: readonly Row[], columns: readonly Column<Row>[]) {
  const [order, onSort] = useState<Order>()
  const sorted = useMemo(() => sort(rows, columns, order), [rows, columns, order])
  return { rows: sorted, order, onSort }
}

/** Rows and columns that can be sorted by a press on a column's name. The first column names the row and stays in sight. */
export function DataTable<Row>({ caption, columns, rows, keyOf, order, onSort }: DataTableProps<Row>) {
  return (
    <section
      className="overflow-x-auto rounded-lg border border-line bg-surface"
      aria-label={caption}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (axe, scrollable-region-focusable)
      tabIndex={0}
    >
      <table className="w-full border-collapse text-sm">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr className="bg-sunken">
            {columns.map((column, at) => (
              <HeaderCell
                key={column.name}
                column={column}
                isFirst={at === 0}
                order={order}
                onSort={onSort}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)} className="border-t border-line bg-surface">
              {columns.map(({ name, cell, isFigure }, at) => {
                const Cell = at === 0 ? 'th' : 'td'
                return (
                  <Cell
                    key={name}
                    {...(at === 0 ? { scope: 'row' } : {})}
                    className={classNames(
                      'px-2.5 py-2 whitespace-nowrap',
                      isFigure === true ? 'text-right' : 'text-left',
                      at === 0 ? `font-semibold ${FIRST}` : 'font-normal',
                    )}
                  >
                    {cell(row)}
                  </Cell>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

interface HeaderCellProps<Row> {
  readonly column: Column<Row>
  readonly isFirst: boolean
  readonly order: Order | undefined
  readonly onSort: ((order: Order) => void) | undefined
}

function HeaderCell<Row>({ column, isFirst, order, onSort }: HeaderCellProps<Row>) {
  const { name, compare, isFigure } = column
  const isSorted = order?.column === name
  const direction = isSorted ? (order.isDescending ? 'descending' : 'ascending') : undefined
  const Icon = !isSorted ? ArrowUpDown : order.isDescending ? ArrowDown : ArrowUp
  return (
    <th
      scope="col"
      aria-sort={direction}
      className={classNames(
        'px-0.5 py-1 whitespace-nowrap',
        isFigure === true ? 'text-right' : 'text-left',
        isFirst && FIRST,
      )}
    >
      {compare === undefined || onSort === undefined ? (
        <span className="inline-flex min-h-9 items-center px-2">{name}</span>
      ) : (
        <button
          type="button"
          className="inline-flex min-h-9 cursor-pointer items-center gap-1 rounded px-2 font-semibold hover:bg-surface"
          onClick={() => onSort({ column: name, isDescending: isSorted && !order.isDescending })}
        >
          {name}
          <Icon size={14} aria-hidden="true" className={isSorted ? '' : 'opacity-50'} />
        </button>
      )}
    </th>
  )
}

function sort<Row>(rows: readonly Row[], columns: readonly Column<Row>[], order: Order | undefined) {
  const compare = columns.find(({ name }) => name === order?.column)?.compare
  if (compare === undefined) return rows
  const factor = order?.isDescending === true ? -1 : 1
  return rows.toSorted((a, b) => factor * compare(a, b))
}
