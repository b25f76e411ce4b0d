import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { compareDecimals } from '../../../lib/compare-decimals.ts'
import { formatInstant } from '../../../lib/format.ts'
import { sentenceOf } from '../../../lib/problem.ts'
import { SelectField } from '../../../ui/field.tsx'
import { Empty, Failed, Loading } from '../../../ui/states.tsx'
import { type Order, type OrderStatus, ordersQuery } from '../api/broker-data.ts'
import { AsOf } from './as-of.tsx'
import { BrokerTable, type FileColumn } from './broker-table.tsx'
import { Price, Quantity } from './figure.tsx'

type QuantityKey = 'qty' | 'filled_qty'
type PriceKey = 'notional' | 'filled_avg_price' | 'limit_price' | 'stop_price'

function figure(name: string, key: QuantityKey | PriceKey): FileColumn<Order> {
  const Look = key === 'qty' || key === 'filled_qty' ? Quantity : Price
  return {
    name,
    isFigure: true,
    cell: (row) => <Look text={row[key]} />,
    compare: (a, b) => compareDecimals(a[key], b[key]),
    text: (row) => row[key] ?? '',
  }
}

function word(name: string, read: (row: Order) => string | null): FileColumn<Order> {
  const text = (row: Order) => read(row) ?? ''
  return {
    name,
    cell: (row) => read(row)?.replaceAll('_', ' ') ?? '–',
    compare: (a, b) => text(a).localeCompare(text(b)),
    text,
  }
}

const submitted = ({ submitted_at, created_at }: Order) => submitted_at ?? created_at ?? ''

const COLUMNS: readonly FileColumn<Order>[] = [
  word('Symbol', ({ symbol, legs }) => symbol ?? (legs ? 'Several' : null)),
  word('Side', ({ side }) => side),
  word('Type', ({ type }) => type),
  word('Status', ({ status }) => status),
  figure('Quantity', 'qty'),
  figure('Amount', 'notional'),
  figure('Filled', 'filled_qty'),
  figure('Filled at', 'filled_avg_price'),
  figure('Limit', 'limit_price'),
  figure('Stop', 'stop_price'),
  word('In force', ({ time_in_force }) => time_in_force),
  {
    name: 'Submitted',
    cell: (row) => (submitted(row) === '' ? '–' : formatInstant(submitted(row))),
    compare: (a, b) => submitted(a).localeCompare(submitted(b)),
    text: submitted,
  },
]

const KINDS = { label: 'Status', of: ({ status }: Order) => status.replaceAll('_', ' ') }
const keyOf = ({ id }: Order) => id
const searchText = ({ symbol, client_order_id, type }: Order) => `${symbol} ${client_order_id} ${type}`

const CHOICES: readonly { readonly value: OrderStatus; readonly name: string }[] = [
  { value: 'all', name: 'All orders' },
  { value: 'open', name: 'Open orders' },
  { value: 'closed', name: 'Closed orders' },
]

interface OrdersTableProps {
  readonly credentialId: string
  /** What the credential is called, for the table's caption and its file. */
  readonly credentialName: string
}

/** The latest five hundred orders made with one credential. */
export function OrdersTable({ credentialId, credentialName }: OrdersTableProps) {
  const [status, setStatus] = useState<OrderStatus>('all')
  const { data, error, isFetching, refetch } = useQuery(ordersQuery(credentialId, status))
  return (
    <div className="grid gap-4">
      <div className="flex flex-wrap items-end gap-4">
        <SelectField
          label="Show"
          value={status}
          onChange={({ target }) =>
            setStatus(CHOICES.find(({ value }) => value === target.value)?.value ?? 'all')
          }
        >
          {CHOICES.map(({ value, name }) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </SelectField>
        <AsOf instant={data?.as_of} isBusy={isFetching} onRefresh={() => void refetch()} />
      </div>
      {error !== null && <Failed sentence={sentenceOf(error)} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Loading what="the orders" />}
      {data !== undefined && (
        <BrokerTable
          caption={`Orders of ${credentialName}`}
          columns={COLUMNS}
          rows={data.orders}
          kinds={KINDS}
          {...{ keyOf, searchText }}
          fileName={`orders ${credentialName}`}
          empty={<Empty title="There are no orders.">Orders placed with this account appear here.</Empty>}
        />
      )}
    </div>
  )
}
