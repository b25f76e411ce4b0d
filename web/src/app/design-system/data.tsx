import { EnvironmentBadge } from '../../features/vault/components/environment-badge.tsx'
import { compareDecimals } from '../../lib/compare-decimals.ts'
import { formatDecimal } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { type Column, DataTable, useOrder } from '../../ui/data-table.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Empty, Failed, Loading } from '../../ui/states.tsx'
import { InBothThemes } from './in-both-themes.tsx'

interface Row {
  readonly symbol: string
  readonly value: string
}

const ROWS: readonly Row[] = [
  { symbol: 'MSFT', value: '17915.40' },
  { symbol: 'BTCUSD', value: '13309.480867' },
  { symbol: 'KO', value: '-4976.00' },
]
const COLUMNS: readonly Column<Row>[] = [
  {
    name: 'Symbol',
    cell: ({ symbol }) => symbol,
    compare: (a, b) => a.symbol.localeCompare(b.symbol),
  },
  {
    name: 'Value',
    isFigure: true,
    cell: ({ value }) => formatDecimal(value),
    compare: (a, b) => compareDecimals(a.value, b.value),
  },
]

function Table({ caption }: { readonly caption: string }) {
  const table = useOrder(ROWS, COLUMNS)
  return <DataTable {...{ caption }} {...table} columns={COLUMNS} keyOf={({ symbol }) => symbol} />
}

/** How data looks, and what stands there when there is none. */
export function Data() {
  return (
    <>
      <InBothThemes
        title="LIVE and PAPER"
        note="Told apart by shape, word and position, and only then by colour."
      >
        {() => (
          <p className="flex flex-wrap gap-4">
            <EnvironmentBadge environment="live" />
            <EnvironmentBadge environment="paper" />
          </p>
        )}
      </InBothThemes>
      <InBothThemes
        title="Tables"
        note="Figures stand on the right. The first column names the row and stays in sight."
      >
        {(theme) => <Table caption={`A table, ${theme}`} />}
      </InBothThemes>
      <InBothThemes title="Cards and notices">
        {() => (
          <>
            <Card title="A card" actions={<Button isSmall>Refresh</Button>}>
              <p>A part of a page that stands on its own.</p>
            </Card>
            <Notice kind="info">Something to know.</Notice>
            <Notice kind="good">Something that is well.</Notice>
            <Notice kind="warning" title="Something to look after.">
              And what to do about it.
            </Notice>
          </>
        )}
      </InBothThemes>
      <InBothThemes title="Nothing, not yet, and not at all">
        {() => (
          <>
            <Empty title="There is nothing yet.">Say what to do about it.</Empty>
            <Loading what="the positions" />
            <Failed
              sentence="The broker did not answer as it should; try again in a minute."
              onRetry={() => undefined}
            />
          </>
        )}
      </InBothThemes>
    </>
  )
}
