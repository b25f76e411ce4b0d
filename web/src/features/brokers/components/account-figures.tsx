import { useQuery } from '@tanstack/react-query'
import { sentenceOf } from '../../../lib/problem.ts'
import { Card } from '../../../ui/card.tsx'
import { Notice } from '../../../ui/notice.tsx'
import { Failed } from '../../../ui/states.tsx'
import { type AccountData, accountDataQuery } from '../api/broker-data.ts'
import { AsOf } from './as-of.tsx'
import { Amount } from './figure.tsx'

/** What the broker account behind a credential is worth now, as the broker says. */
export function AccountFigures({ credentialId }: { readonly credentialId: string }) {
  const { data, error, isFetching, refetch } = useQuery(accountDataQuery(credentialId))
  return (
    <Card
      title="Account"
      actions={<AsOf instant={data?.last_updated} isBusy={isFetching} onRefresh={() => void refetch()} />}
    >
      {error !== null && <Failed sentence={sentenceOf(error)} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <FiguresToCome />}
      {data !== undefined && <Figures data={data} />}
    </Card>
  )
}

/** Keeps the place of the figures, so that nothing below moves when they come. */
function FiguresToCome() {
  return (
    <div role="status">
      <span className="sr-only">Loading the figures …</span>
      <div aria-hidden="true" className={LIST}>
        {['Equity', 'Cash', 'Buying power'].map((name) => (
          <div key={name}>
            <p className="text-sm text-ink-soft">{name}</p>
            <p className="text-xl font-semibold text-ink-soft">…</p>
          </div>
        ))}
      </div>
    </div>
  )
}

const LIST = 'grid gap-4 sm:grid-cols-3'

function Figures({ data }: { readonly data: AccountData }) {
  const { currency } = data
  const figures = [
    ['Equity', data.equity],
    ['Cash', data.balance],
    ['Buying power', data.buying_power],
  ] as const
  return (
    <>
      {(data.trading_blocked || data.account_blocked) && (
        <Notice kind="warning" title="The broker has blocked this account.">
          Figures can be read, orders cannot be placed. Ask the broker why.
        </Notice>
      )}
      <dl className={LIST}>
        {figures.map(([name, text]) => (
          <div key={name}>
            <dt className="text-sm text-ink-soft">{name}</dt>
            <dd className="text-xl font-semibold">
              <Amount text={text} currency={currency} />
            </dd>
          </div>
        ))}
      </dl>
      {data.pattern_day_trader && (
        <p className="text-sm text-ink-soft">
          The broker counts this account as a pattern day trader, with {data.daytrade_count} day trades in
          five days.
        </p>
      )}
    </>
  )
}
