import type { Spread } from './stats.ts'
import type { Section } from './topic.ts'

/** A figure with its spread, e.g. `111 (109–114)`. */
export function spreadText({ median, low, high }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`
}

/** A ratio with its spread, e.g. `1.03 (0.98–1.07)`. */
export const ratioText = (spread: Spread): string => spreadText(spread, 2)

/** A rate, e.g. `146k` or `218`. */
export function rateText(perSecond: number): string {
  if (perSecond >= 100_000) return `${Math.round(perSecond / 1000)}k`
  return perSecond >= 1_000 ? `${(perSecond / 1000).toFixed(1)}k` : String(Math.round(perSecond))
}

function line(cells: readonly string[], widths: readonly number[]): string {
  return `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`
}

/** One section as Markdown that also reads well on a screen. */
export function sectionText({ title, notes, header, rows }: Section): string {
  const widths = header.map((_, i) => Math.max(...[header, ...rows].map((row) => row[i]?.length ?? 0)))
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`
  const table = [line(header, widths), rule, ...rows.map((row) => line(row, widths))]
  const said = notes.map((note) => `- ${note}`)
  return [`### ${title}`, '', ...(said.length > 0 ? [...said, ''] : []), ...table, ''].join('\n')
}
