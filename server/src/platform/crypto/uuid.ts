import { randomFillSync } from 'node:crypto'
import type { Clock } from '../clock.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const MAX_COUNTER = 0xfff
const BYTES_PER_ID = 10
const POOL_BYTES = BYTES_PER_ID * 400 // asking the system for randomness once per id costs most of an id's time

/** Whether the text is a UUID in the lower-case form this server makes and stores (RFC 9562). */
export function isUuid(text: string): boolean {
  return UUID.test(text)
}

/**
 * Makes UUIDv7 identifiers (RFC 9562 §5.7): milliseconds, then a 12-bit counter, then 62 random bits.
 *
 * Ids from one maker always sort in the order they were made, also within a millisecond and when the clock is set back
 * (§6.2, method 1: the counter starts at a random value below half and moves into the next millisecond when it is full).
 */
export function createUuidv7(clock: Clock): () => string {
  const pool = Buffer.alloc(POOL_BYTES)
  let used = POOL_BYTES
  let lastMs = -1
  let counter = 0

  return () => {
    if (used === POOL_BYTES) {
      randomFillSync(pool)
      used = 0
    }
    const nowMs = clock.now().getTime()
    if (nowMs > lastMs) {
      lastMs = nowMs
      counter = pool.readUInt16BE(used) & (MAX_COUNTER >> 1)
    } else if (counter === MAX_COUNTER) {
      lastMs += 1
      counter = 0
    } else {
      counter += 1
    }
    const random = pool.toString('hex', used + 2, used + BYTES_PER_ID)
    used += BYTES_PER_ID
    return formatUuidv7(lastMs, counter, random)
  }
}

function formatUuidv7(ms: number, counter: number, random: string): string {
  const time = ms.toString(16).padStart(12, '0')
  const variant = '89ab'[Number.parseInt(random.charAt(0), 16) & 3]
  return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, '0')}-${variant}${random.slice(1, 4)}-${random.slice(4)}`
}

/** The nil UUID (RFC 9562, section 5.9): an id that nobody and nothing has. */
export const NIL_UUID = '00000000-0000-0000-0000-000000000000'
