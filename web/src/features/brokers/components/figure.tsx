import { formatDecimal, formatMoney, formatPercent, signOf } from '../../../lib/format.ts'
import { classNames } from '../../../ui/class-names.ts'

/** An exact number of something; a dash where the broker gave none. */
export function Quantity({ text }: { readonly text: string | null }) {
  return <>{text === null ? '–' : formatDecimal(text)}</>
}

/** An exact price or value, of at least two places; a dash where the broker gave none. */
export function Price({ text }: { readonly text: string | null }) {
  return <>{text === null ? '–' : formatDecimal(text, 2)}</>
}

/** A gain or a loss: the sign says which, the colour only repeats it. */
export function Change({
  text,
  isShare = false,
}: {
  readonly text: string | null
  readonly isShare?: boolean
}) {
  if (text === null) return <>–</>
  const sign = signOf(text)
  const figure = isShare ? formatPercent(text) : `${sign > 0 ? '+' : ''}${formatDecimal(text, 2)}`
  return <span className={classNames(sign > 0 && 'text-good', sign < 0 && 'text-danger')}>{figure}</span>
}

/** An amount of the account's currency. */
export function Amount({ text, currency }: { readonly text: string; readonly currency: string }) {
  return <span className="figures">{formatMoney(text, currency)}</span>
}
