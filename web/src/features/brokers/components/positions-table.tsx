import { useQuery } from '@tanstack/react-query'
import { compareDecimals } from '../../../lib/compare-decimals.ts'
import { sentenceOf } from '../../../lib/problem.ts'
import { Empty, Failed, Loading } from '../../../ui/states.tsx'
import { type Position, positionsQuery } from '../api/broker-data.ts'
import { AsOf } from './as-of.tsx'
import { BrokerTable, type FileColumn } from './broker-table.tsx'
import { Change, Price, Quantity } from './figure.tsx'

type FigureKey =
  | 'qty'
  | 'avg_entry_price'
  | 'current_price'
  | 'market_value'
  | 'cost_basis'
  | 'unrealized_pl'
  | 'unrealized_plpc'
  | 'unrealized_intraday_pl'
  | 'change_today'

const LOOK = {
  quantity: (text: string | null) => <Quantity text={text} />,
  price: (text: string | null) => <Price text={text} />,
  change: (text: string | null) => <Change text={text} />,
  share: (text: string | null) => <Change text={text} isShare />,
} as const

function figure(name: string, key: FigureKey, look: keyof typeof LOOK = 'price'): FileColumn<Position> {
  return {
    name,
    isFigure: true,
    cell: (row) => LOOK[look](row[key]),
    compare: (a, b) => compareDecimals(a[key], b[key]),
    text: (row) => row[key] ?? '',
  }
}

function word(name: string, key: 'symbol' | 'side' | 'asset_class'): FileColumn<Position> {
  return {
    name,
    cell: (row) => row[key].replaceAll('_', ' '),
    compare: (a, b) => a[key].localeCompare(b[key]),
    text: (row) => row[key],
  }
}

const COLUMNS: readonly FileColumn<Position>[] = [
  word('Symbol', 'symbol'),
  word('Side', 'side'),
  figure('Quantity', 'qty', 'quantity'),
  figure('Average price', 'avg_entry_price'),
  figure('Price', 'current_price'),
  figure('Market value', 'market_value'),
  figure('Cost', 'cost_basis'),
  figure('Gain', 'unrealized_pl', 'change'),
  figure('Gain %', 'unrealized_plpc', 'share'),
  figure('Today', 'unrealized_intraday_pl', 'change'),
  figure('Today %', 'change_today', 'share'),
  word('Asset class', 'asset_class'),
]

const KINDS = { label: 'Asset class', of: (row: Position) => row.asset_class.replaceAll('_', ' ') }
const keyOf = ({ asset_id }: Position) => asset_id
const searchText = ({ symbol, exchange }: Position) => `${symbol} ${exchange}`

interface PositionsTableProps {
  readonly credentialId: string
  /** What the credential is called, for the table's caption and its file. */
  readonly credentialName: string
}

/** Everything held with one credential. */
export function PositionsTable({ credentialId, credentialName }: PositionsTableProps) {
  const { data, error, isFetching, refetch } = useQuery(positionsQuery(credentialId))
  return (
    <div className="grid gap-4">
      <AsOf instant={data?.as_of} isBusy={isFetching} onRefresh={() => void refetch()} />
      {error !== null && <Failed sentence={sentenceOf(error)} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Loading what="the positions" />}
      {data !== undefined && (
        <BrokerTable
          caption={`Positions of ${credentialName}`}
          columns={COLUMNS}
          rows={data.positions}
          kinds={KINDS}
          {...{ keyOf, searchText }}
          fileName={`positions ${credentialName}`}
          empty={
            <Empty title="There are no positions.">What is bought with this account appears here.</Empty>
          }
        />
      )}
    </div>
  )
}
