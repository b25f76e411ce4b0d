const MINUTE = 60
const HOUR = 60 * MINUTE

const some = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? '' : 's'}`

/** How long to wait, in words that are never too short: `42 seconds`, `3 minutes`, `2 hours`. */
export function waitInWords(seconds: number): string {
  if (seconds < 2 * MINUTE) return some(Math.max(1, Math.ceil(seconds)), 'second')
  if (seconds < 2 * HOUR) return some(Math.ceil(seconds / MINUTE), 'minute')
  return some(Math.ceil(seconds / HOUR), 'hour')
}
