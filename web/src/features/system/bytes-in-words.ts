const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** An amount of bytes in the largest unit (IEC 80000-13) of which there is at least one. */
export function bytesInWords(bytes: number | null): string {
  if (bytes === null) return 'Not known'
  const place = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), UNITS.length - 1)
  const amount = bytes / 1024 ** place
  return `${place === 0 ? amount : amount.toFixed(1)} ${UNITS[place]}`
}
