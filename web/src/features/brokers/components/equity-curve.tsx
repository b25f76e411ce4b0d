import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useMemo, useState } from 'react'
import { formatDay, formatInstant } from '../../../lib/format.ts'
import { sentenceOf } from '../../../lib/problem.ts'
import { Card } from '../../../ui/card.tsx'
import { classNames } from '../../../ui/class-names.ts'
import { Empty, Failed, Loading } from '../../../ui/states.tsx'
import { equityCurveQuery, type Period, STEP } from '../api/broker-data.ts'
import { type CurvePoint, pointsOf, summaryOf } from '../curve-points.ts'
import { Change, Price } from './figure.tsx'

const CurveChart = lazy(() => import('./curve-chart.tsx'))

const PERIODS: readonly { readonly value: Period; readonly name: string; readonly words: string }[] = [
  { value: '1D', name: '1 D', words: 'One day' },
  { value: '1W', name: '1 W', words: 'One week' },
  { value: '1M', name: '1 M', words: 'One month' },
  { value: '3M', name: '3 M', words: 'Three months' },
  { value: '1A', name: '1 Y', words: 'One year' },
]

/** What the account behind a credential was worth over time. */
export function EquityCurve({ credentialId }: { readonly credentialId: string }) {
  const [period, setPeriod] = useState<Period>('1M')
  const { data, error, refetch } = useQuery(equityCurveQuery(credentialId, period))
  const points = useMemo(() => (data === undefined ? undefined : pointsOf(data)), [data])
  return (
    <Card title="Equity curve" actions={<PeriodChoice value={period} onChoose={setPeriod} />}>
      {error !== null && <Failed sentence={sentenceOf(error)} onRetry={() => void refetch()} />}
      <div className="min-h-76">
        {points === undefined && error === null && <Loading what="the curve" />}
        {points?.length === 0 && <Empty title="The broker has no figures for this time." />}
        {points !== undefined && points.length > 0 && (
          <Curve points={points} isDaily={STEP[period] === '1D'} />
        )}
      </div>
    </Card>
  )
}

function PeriodChoice({ value, onChoose }: { readonly value: Period; onChoose(period: Period): void }) {
  return (
    <fieldset className="flex flex-wrap gap-1">
      <legend className="sr-only">How far back</legend>
      {PERIODS.map((period) => (
        <label
          key={period.value}
          className={classNames(
            'grid min-h-9 cursor-pointer place-items-center rounded border px-3 text-sm has-focus-visible:outline-3 has-focus-visible:outline-focus',
            period.value === value ? 'border-accent bg-accent-soft font-semibold' : 'border-line-strong',
          )}
        >
          <input
            type="radio"
            name="period"
            className="sr-only"
            aria-label={period.words}
            checked={period.value === value}
            onChange={() => onChoose(period.value)}
          />
          <span aria-hidden="true">{period.name}</span>
        </label>
      ))}
    </fieldset>
  )
}

interface CurveProps {
  readonly points: readonly CurvePoint[]
  /** Whether there is a point for each day, so that the time of day says nothing. */
  readonly isDaily: boolean
}

function Curve({ points, isDaily }: CurveProps) {
  const summary = summaryOf(points)
  const when = isDaily ? formatDay : formatInstant
  return (
    <figure className="grid gap-2">
      <Suspense fallback={<div className="h-64" />}>
        <CurveChart points={points} />
      </Suspense>
      {summary && (
        <figcaption className="figures text-sm text-ink-soft">
          From <Price text={summary.first.equity} /> on {when(summary.first.instant)} to{' '}
          <Price text={summary.last.equity} /> on {when(summary.last.instant)}:{' '}
          <Change text={summary.change} />. Lowest <Price text={summary.lowest.equity} />, highest{' '}
          <Price text={summary.highest.equity} />. The chart is drawn with{' '}
          <a className="underline" href="https://www.tradingview.com/" rel="noopener noreferrer">
            TradingView
          </a>{' '}
          Lightweight Charts™.
        </figcaption>
      )}
    </figure>
  )
}
