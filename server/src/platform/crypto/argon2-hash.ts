/** The cost of one Argon2id hash (RFC 9106): memory in KiB, passes, lanes. */
export interface Argon2Params {
  memoryKib: number
  passes: number
  lanes: number
}

/** What a stored Argon2id hash says of itself. */
export interface Argon2Hash extends Argon2Params {
  /** The `keyid` field as it stands there; `undefined` for a hash without a pepper. */
  readonly keyId: string | undefined
  readonly saltLength: number
  readonly hashLength: number
}

const STORED =
  /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)(?:,keyid=([A-Za-z0-9+/]+))?\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

/** Reads a PHC string of Argon2id, version 19; `undefined` for anything else. */
export function parseArgon2Hash(stored: string): Argon2Hash | undefined {
  const match = STORED.exec(stored)
  if (match === null) return undefined
  const [, memoryKib, passes, lanes, keyId, salt = '', hash = ''] = match
  return {
    memoryKib: Number(memoryKib),
    passes: Number(passes),
    lanes: Number(lanes),
    keyId,
    saltLength: Buffer.from(salt, 'base64').length,
    hashLength: Buffer.from(hash, 'base64').length,
  }
}

/** What a hash from elsewhere may cost: each sign-in pays it until it is hashed again. */
const MOST: Argon2Params = { memoryKib: 262_144, passes: 16, lanes: 16 }

/**
 * Whether a hash from elsewhere can be verified at a bearable cost: spelled as the PHC format spells it (canonical base64, no
 * leading zeros), a salt of 8 to 48 bytes, a hash of 16 to 64, and costs that RFC 9106 section 3.1 allows.
 */
export function isSoundArgon2Hash(stored: string, parsed: Argon2Hash): boolean {
  const { memoryKib, passes, lanes, saltLength, hashLength } = parsed
  const isPayable = memoryKib <= MOST.memoryKib && passes <= MOST.passes && lanes <= MOST.lanes
  const isAllowed = passes >= 1 && lanes >= 1 && memoryKib >= 8 * lanes
  const isSized = saltLength >= 8 && saltLength <= 48 && hashLength >= 16 && hashLength <= 64
  return isPayable && isAllowed && isSized && isCanonical(stored)
}

function isCanonical(stored: string): boolean {
  const [, , , cost = '', salt = '', hash = ''] = stored.split('$')
  const isBase64 = (text: string) =>
    Buffer.from(text, 'base64')
      .toString('base64')
      .replace(/={1,2}$/, '') === text
  return !/=0/.test(cost.replace(/,keyid=.*/, '')) && isBase64(salt) && isBase64(hash)
}
