import { BlockList, isIP } from 'node:net'

/** A set of addresses and networks. */
export interface AddressRanges {
  /** Whether an address, as `ClientAddresses` gives it, lies in one of them. */
  includes(address: string): boolean
}

/**
 * Reads addresses and networks in CIDR notation (RFC 4632; RFC 4291, section 2.3). Throws `RangeError` naming one that
 * is neither; one with a zone is neither. IPv4 written as IPv6 (`::ffff:192.0.2.1`) counts as IPv4.
 */
export function createAddressRanges(ranges: readonly string[]): AddressRanges {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', bits, ...rest] = range.split('/')
    const version = address.includes('%') ? 0 : isIP(address)
    const width = version === 4 ? 32 : 128
    const prefix = bits === undefined ? width : /^\d{1,3}$/.test(bits) ? Number(bits) : -1
    if (version === 0 || prefix < 0 || prefix > width || rest.length > 0) {
      throw new RangeError(`${range} is neither an address nor a range such as 10.0.0.0/8.`)
    }
    list.addSubnet(address, prefix, family(address))
  }
  return { includes: (address) => isIP(address) !== 0 && list.check(address, family(address)) }
}

/** Whether the text is an address or a network that `createAddressRanges` takes. */
export function isAddressRange(text: string): boolean {
  try {
    createAddressRanges([text])
    return true
  } catch {
    return false
  }
}

function family(address: string): 'ipv4' | 'ipv6' {
  return address.includes(':') ? 'ipv6' : 'ipv4'
}
