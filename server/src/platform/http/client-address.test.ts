import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { addressGroup, createClientAddresses, isLoopback } from './client-address.ts'

function requestFrom(peer: string, headers: Record<string, string> = {}): IncomingMessage {
  const socket = new Socket()
  Object.defineProperty(socket, 'remoteAddress', { value: peer })
  return Object.assign(new IncomingMessage(socket), { headers })
}

describe('createClientAddresses', () => {
  const spoofed = {
    'x-forwarded-for': '198.51.100.7',
    forwarded: 'for=198.51.100.7',
    'x-real-ip': '198.51.100.7',
    'cf-connecting-ip': '198.51.100.7',
  }

  it('C11: ignores every forwarding header of a peer that is no trusted proxy', () => {
    expect(createClientAddresses([]).of(requestFrom('203.0.113.9', spoofed))).toBe('203.0.113.9')
    expect(createClientAddresses(['10.0.0.0/8']).of(requestFrom('203.0.113.9', spoofed))).toBe('203.0.113.9')
  })

  it('C11: takes the right-most untrusted hop behind trusted proxies', () => {
    const addresses = createClientAddresses(['10.0.0.0/8', '2001:db8::/32'])
    const via = (chain: string, peer = '10.0.0.1') =>
      addresses.of(requestFrom(peer, { 'x-forwarded-for': chain }))
    expect(via('1.1.1.1, 198.51.100.7')).toBe('198.51.100.7')
    expect(via('1.1.1.1, 198.51.100.7, 10.2.3.4')).toBe('198.51.100.7')
    expect(via('10.9.9.9, 10.2.3.4')).toBe('10.9.9.9')
    expect(via('198.51.100.7', '::ffff:10.0.0.1')).toBe('198.51.100.7')
    expect(via('[2a00::1]:443', '2001:db8::5')).toBe('2a00::1')
    expect(via('198.51.100.7:5555')).toBe('198.51.100.7')
    expect(via('198.51.100.7, not-an-address')).toBe('10.0.0.1')
    expect(via('198.51.100.7, not-an-address, 10.2.3.4')).toBe('10.2.3.4')
  })

  it('refuses a proxy that is neither an address nor a range', () => {
    for (const wrong of ['proxy', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/x', '']) {
      expect(() => createClientAddresses([wrong])).toThrow(RangeError)
    }
  })
})

describe('addressGroup', () => {
  it('C10: groups IPv6 by /64 and keeps IPv4 whole', () => {
    expect(addressGroup('203.0.113.9')).toBe('203.0.113.9')
    expect(addressGroup('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64')
    expect(addressGroup('2001:db8:1:2::9')).toBe(addressGroup('2001:0db8:0001:0002:ffff::1'))
    expect(addressGroup('2001:db8::1')).toBe('2001:db8:0:0::/64')
    expect(addressGroup('::1')).toBe('0:0:0:0::/64')
    expect(addressGroup('2001:db8:1:3::9')).not.toBe(addressGroup('2001:db8:1:2::9'))
  })
})

it('knows loopback addresses', () => {
  expect(['127.0.0.1', '127.9.9.9', '::1'].every(isLoopback)).toBe(true)
  expect(['10.0.0.1', '128.0.0.1', '127.0.0.1.evil.test', '::2'].some(isLoopback)).toBe(false)
})
