/** The day of a moment in the member's own zone, as a date field has it; empty for none. */
export function dayOf(instant: string | null): string {
  if (instant === null) return ''
  const at = new Date(instant)
  const [month, day] = [at.getMonth() + 1, at.getDate()].map((part) => `${part}`.padStart(2, '0'))
  return `${at.getFullYear()}-${month}-${day}`
}

/** The last second of a day of a date field in the member's own zone, as the server wants it; null for none. */
export function endOfDay(day: string): string | null {
  return day === '' ? null : new Date(`${day}T23:59:59`).toISOString()
}
