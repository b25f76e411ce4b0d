/** Whether a text is an exact decimal, as brokers write them: `-12.50`. */
export function isDecimal(text: string): boolean {
  return /^[+-]?\d+(?:\.\d+)?$/.test(text)
}
