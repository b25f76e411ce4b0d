import { ColorType, createChart, LineSeries, type UTCTimestamp } from 'lightweight-charts'
import { useEffect, useRef } from 'react'
import { formatDecimal } from '../../../lib/format.ts'
import { onColoursChange } from '../../../lib/theme.ts'
import type { CurvePoint } from '../curve-points.ts'

function colours() {
  const style = getComputedStyle(document.documentElement)
  // Note: the chart draws on a canvas, which does not know light-dark(); a computed colour is the one in force. Each is read
  // from an element of its own, because a change of colour may be a transition that has only begun.
  const read = (name: string) => {
    const probe = document.createElement('span')
    probe.style.color = style.getPropertyValue(name)
    document.body.append(probe)
    const { color } = getComputedStyle(probe)
    probe.remove()
    return color
  }
  return { line: read('--accent'), text: read('--ink-soft'), grid: read('--line') }
}

const secondsOf = (instant: string) => Math.floor(new Date(instant).getTime() / 1_000) as UTCTimestamp

function draw(place: HTMLElement, points: readonly CurvePoint[]) {
  const chart = createChart(place, {
    autoSize: true,
    layout: {
      background: { type: ColorType.Solid, color: 'transparent' },
      attributionLogo: false, // it is named in words below the chart
    },
    localization: { priceFormatter: (price: number) => formatDecimal(price.toFixed(2)) },
    grid: { vertLines: { visible: false } },
    rightPriceScale: { borderVisible: false },
    timeScale: { borderVisible: false, timeVisible: true },
    handleScroll: false,
    handleScale: false,
  })
  const series = chart.addSeries(LineSeries, { lineWidth: 2, priceLineVisible: false })
  const paint = () => {
    const { line, text, grid } = colours()
    chart.applyOptions({ layout: { textColor: text }, grid: { horzLines: { color: grid } } })
    series.applyOptions({ color: line })
  }
  paint()
  series.setData(points.map(({ instant, equity }) => ({ time: secondsOf(instant), value: Number(equity) })))
  chart.timeScale().fitContent()
  return { paint, remove: () => chart.remove() }
}

/** Draws the curve. Screen readers get the words beside it instead. */
export default function CurveChart({ points }: { readonly points: readonly CurvePoint[] }) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (place.current === null) return
    const { paint, remove } = draw(place.current, points)
    const stop = onColoursChange(paint)
    return () => {
      stop()
      remove()
    }
  }, [points])
  return <div ref={place} aria-hidden="true" className="h-64 w-full contain-inline-size" />
}
