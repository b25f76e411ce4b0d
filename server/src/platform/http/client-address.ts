import type { IncomingMessage } from 'node:http'
import { isIP, type Socket } from 'node:net'
import { createAddressRanges } from '../address-ranges.ts'

/** Finds out who is on the other end (C11). */
export interface ClientAddresses {
  /**
   * The client's address: the peer's, or behind trusted proxies the right-most address of `x-forwarded-for` that is
   * not a trusted proxy. Every other forwarding header is ignored.
   */
  of(request: IncomingMessage): string
  /** Whether the peer itself is a trusted proxy, so that its headers may be believed. */
  isTrustedPeer(request: IncomingMessage): boolean
  /** Whether an address, as Node reports it, is a trusted proxy. */
  isTrusted(address: string): boolean
}

/** Trusted proxies are addresses or CIDR ranges; throws `RangeError` naming one that is neither. */
export function createClientAddresses(trustedProxies: readonly string[]): ClientAddresses {
  const trusted = trustedProxies.length > 0 ? createAddressRanges(trustedProxies) : undefined
  const isTrusted = (address: string) => trusted?.includes(address) ?? false
  return {
    of(request) {
      const peer = peerOf(request.socket)
      const forwarded = trusted === undefined ? undefined : request.headers['x-forwarded-for']
      if (forwarded === undefined || !isTrusted(peer)) return peer
      return rightMostUntrusted(peer, `${forwarded}`, isTrusted)
    },
    isTrustedPeer: (request) => trusted !== undefined && isTrusted(peerOf(request.socket)),
    isTrusted: (address) => isTrusted(plainAddress(address)),
  }
}

function rightMostUntrusted(
  peer: string,
  forwarded: string,
  isTrusted: (address: string) => boolean,
): string {
  let nearest = peer
  for (const hop of forwarded.split(',').reverse()) {
    const address = plainAddress(hop.trim())
    if (isIP(address) === 0) return nearest
    nearest = address
    if (!isTrusted(address)) return address
  }
  return nearest
}

const peers = new WeakMap<Socket, string>()

function peerOf(socket: Socket): string {
  const known = peers.get(socket)
  if (known !== undefined) return known
  const address = plainAddress(socket.remoteAddress ?? '')
  peers.set(socket, address)
  return address
}

/** IPv4 addresses written as IPv6 (`::ffff:192.0.2.1`) in their own form, brackets, ports and zones left out. */
function plainAddress(text: string): string {
  const bare = text.replace(/^\[([^\]]*)\](?::\d+)?$/, '$1').replace(/%.*/s, '')
  const withoutPort = /^[\d.]+:\d+$/.test(bare) ? bare.slice(0, bare.indexOf(':')) : bare
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(withoutPort) ? withoutPort.slice(7) : withoutPort
}

/** Whether the address belongs to this machine: 127.0.0.0/8 or ::1. */
export function isLoopback(address: string): boolean {
  return address === '::1' || /^127\.\d+\.\d+\.\d+$/.test(address)
}

/** What limits count together: one IPv4 address, or the /64 an IPv6 address is in, since a host has that many (C10). */
export function addressGroup(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const tailWords = right.length + (right.at(-1)?.includes('.') ? 1 : 0)
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - tailWords)
  const words = [...left, ...Array<string>(zeros).fill('0'), ...right]
  const network = words.slice(0, 4).map((word) => Number.parseInt(word, 16).toString(16))
  return `${network.join(':')}::/64`
}
