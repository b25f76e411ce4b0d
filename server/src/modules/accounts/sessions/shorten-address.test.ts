import { expect, it } from 'vitest'
import { shortenAddress } from './shorten-address.ts'

it.each([
  ['192.0.2.77', '192.0.2.0/24'],
  ['127.0.0.1', '127.0.0.0/24'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
  ['2001:0DB8:0001::1', '2001:db8:1::/48'],
  ['2001:db8::1', '2001:db8:0::/48'],
  ['::1', '0:0:0::/48'],
  ['', 'unknown'],
])('C33: shows of %s the network %s', (address, network) => {
  expect(shortenAddress(address)).toBe(network)
})
