import { isIP, isIPv4 } from 'node:net'
import { Secret } from './secrets.ts'
import type { Kind } from './setting.ts'

/** A folder or file on this machine, not yet made absolute. */
export interface Place {
  kind: 'file'
  path: string
}

/** A name and an address, as in `Name <user@host>`. */
export interface Mailbox {
  name: string
  address: string
}

export const text = (maxLength: number): Kind<string> => ({
  expects: `one line of 1 to ${maxLength} characters`,
  parse: (value) => (/^[^\p{Cc}]+$/u.test(value) && value.length <= maxLength ? value : undefined),
})

export const secretText = (minLength: number): Kind<Secret> => ({
  expects: `a secret of at least ${minLength} characters without spaces`,
  parse: (value) =>
    /^[\x21-\x7e]+$/.test(value) && value.length >= minLength ? new Secret(value) : undefined,
})

export const wholeNumber = (min: number, max: number): Kind<number> => ({
  expects: `a whole number from ${min} to ${max}`,
  parse: (value) => {
    const number = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN
    return number >= min && number <= max ? number : undefined
  },
})

export const choice = <const Option extends string>(...options: Option[]): Kind<Option> => ({
  expects: `one of ${options.join(', ')}`,
  parse: (value) => options.find((option) => option === value),
})

export const flag: Kind<boolean> = {
  expects: 'on or off',
  parse: (value) =>
    /^(on|1|true|yes)$/.test(value) ? true : /^(off|0|false|no)$/.test(value) ? false : undefined,
}

export const host: Kind<string> = {
  expects: 'an address or host name without a port, such as 127.0.0.1 or 0.0.0.0',
  parse: (value) =>
    isIP(value) !== 0 || /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(value) ? value : undefined,
}

export const filePath: Kind<string> = {
  expects: 'a path',
  parse: (value) => (value.includes('\0') ? undefined : value),
}

export const origin: Kind<URL> = {
  expects: 'an http or https address without user, path or query, such as https://example.org',
  parse: (value) => {
    const url = httpUrl(value)
    return url?.pathname === '/' && !value.includes('?') && !value.includes('#') ? url : undefined
  },
}

/** None, or several separated by commas; each that is not acceptable is a fault of its own. */
function listOf(expects: string, isAcceptable: (entry: string) => boolean): Kind<readonly string[]> {
  const entriesIn = (value: string) => (value === 'none' ? [] : value.split(',').map((entry) => entry.trim()))
  const faultsIn = (value: string) => entriesIn(value).filter((entry) => !isAcceptable(entry))
  return {
    expects,
    parse: (value) => (faultsIn(value).length === 0 ? entriesIn(value) : undefined),
    faultsIn,
  }
}

export const addressList = listOf(
  'none, or addresses and networks separated by commas, such as 10.0.0.2,192.168.1.0/24',
  isNetwork,
)

export const originList = listOf(
  'none, or exact https origins separated by commas, such as https://app.example.org,https://example.org:8443',
  isWebOrigin,
)

export const databaseUrl: Kind<{ kind: 'sqlite'; path: string } | { kind: 'postgres'; url: Secret }> = {
  expects: 'sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/NAME',
  parse: (value) => {
    const path = placeIn(value, 'sqlite:')
    if (path !== undefined) return path === ':memory:' ? undefined : { kind: 'sqlite', path }
    const url = remoteUrl(value, ['postgres:', 'postgresql:'])
    return url !== undefined && url.pathname.length > 1
      ? { kind: 'postgres', url: new Secret(value) }
      : undefined
  },
}

export const postgresUrl: Kind<Secret> = {
  expects: 'postgres://USER:PASSWORD@HOST:PORT/NAME',
  parse: (value) => {
    const parsed = databaseUrl.parse(value)
    return parsed?.kind === 'postgres' ? parsed.url : undefined
  },
}

export const mailUrl: Kind<Place | { kind: 'smtp'; url: Secret }> = {
  expects: 'file:FOLDER, smtp://USER:PASSWORD@HOST:PORT or smtps://…',
  parse: (value) => {
    const path = placeIn(value, 'file:')
    if (path !== undefined) return { kind: 'file', path }
    return remoteUrl(value, ['smtp:', 'smtps:']) && { kind: 'smtp', url: new Secret(value) }
  },
}

export const storageUrl: Kind<Place | { kind: 's3'; url: Secret }> = {
  expects: 'file:FOLDER or s3://KEY:SECRET@HOST/BUCKET',
  parse: (value) => {
    const path = placeIn(value, 'file:')
    if (path !== undefined) return { kind: 'file', path }
    return remoteUrl(value, ['s3:']) && { kind: 's3', url: new Secret(value) }
  },
}

export const mailbox: Kind<Mailbox> = {
  expects: 'an address, or a name and an address, such as Example <no-reply@example.org>',
  parse: (value) => {
    const match = /^(?:([^\p{Cc}<>"]*)<([^\s<>@]+@[^\s<>@]+)>|([^\s<>@]+@[^\s<>@]+))$/u.exec(value)
    const address = match?.[2] ?? match?.[3]
    return address === undefined ? undefined : { name: match?.[1]?.trimEnd() ?? '', address }
  },
}

/** Whether a host name or address never leaves this machine. */
export function isLoopback(hostname: string): boolean {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  return (
    bare === 'localhost' ||
    bare.endsWith('.localhost') ||
    bare === '::1' ||
    (isIPv4(bare) && bare.startsWith('127.'))
  )
}

function httpUrl(value: string): URL | undefined {
  const url = remoteUrl(value, ['http:', 'https:'])
  return url?.username === '' && url.password === '' ? url : undefined
}

function remoteUrl(value: string, protocols: readonly string[]): URL | undefined {
  if (!URL.canParse(value) || /\s/.test(value)) return undefined
  const url = new URL(value)
  return protocols.includes(url.protocol) && url.hostname !== '' ? url : undefined
}

function placeIn(value: string, protocol: string): string | undefined {
  if (!value.startsWith(protocol) || value.includes('\0')) return undefined
  const path = value.slice(protocol.length)
  if (path.startsWith('//')) return path.startsWith('///') ? path.slice(2) : undefined // only the empty host
  return path === '' ? undefined : path
}

const ORIGIN = /^https?:\/\/(?:[a-z\d](?:[a-z\d.-]*[a-z\d])?|\[[\da-f:.]+\])(?::\d{1,5})?$/

/**
 * Whether browsers send exactly this as the `Origin` (RFC 6454, section 6.2) of a page that nobody can change on the way:
 * https, or http on this machine; in lower case, without a default port, a path or a wildcard.
 */
function isWebOrigin(value: string): boolean {
  if (!ORIGIN.test(value) || !URL.canParse(value)) return false
  const { origin, protocol, hostname } = new URL(value)
  return origin === value && (protocol === 'https:' || isLoopback(hostname))
}

// Note: a network of prefix 0 would let every client name its own address.
function isNetwork(value: string): boolean {
  const [address = '', prefix, ...rest] = value.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0) return false
  if (prefix === undefined) return true
  return /^[1-9]\d{0,2}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128)
}
