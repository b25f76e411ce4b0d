/**
 * The network an address is in, as people see it in the list of their sessions: enough to tell home from elsewhere, not
 * enough to find a house. IPv4 keeps 24 bits and IPv6 48, what one site is usually given (RFC 6177).
 */
export function shortenAddress(address: string): string {
  if (!address.includes(':')) {
    const bytes = address.split('.')
    return bytes.length === 4 ? `${bytes.slice(0, 3).join('.')}.0/24` : 'unknown'
  }
  const [head = '', tail] = address.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array<string>(tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length)).fill('0')
  const words = [...left, ...zeros, ...right].slice(0, 3)
  return `${words.map((word) => Number.parseInt(word, 16).toString(16)).join(':')}::/48`
}
