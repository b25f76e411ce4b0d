/** Every symmetric key and every Ed25519 seed in the ring has this many bytes. */
export const KEY_BYTES = 32

// Note: 32 random bytes hold about 30 different values; fewer than 20 happen less than once in 10^12 keys.
const MIN_DIFFERENT_BYTES = 20

/**
 * Says in a few words why bytes cannot be a key, or `undefined` when nothing speaks against them: the wrong length, zeros,
 * few different values, a counting or repeating sequence, or readable text such as a sample out of a manual.
 */
export function keyWeakness(key: Uint8Array): string | undefined {
  if (key.length !== KEY_BYTES) return `is ${key.length} bytes long instead of ${KEY_BYTES}`
  if (key.every((byte) => byte === 0)) return 'is all zeros'
  if (new Set(key).size < MIN_DIFFERENT_BYTES) return 'is not random: it repeats too few different bytes'
  if (isArithmetic(key)) return 'is not random: it is a counting sequence'
  if (key.every((byte) => byte >= 0x20 && byte < 0x7f))
    return 'is not random: it is readable text, like a sample'
  return undefined
}

function isArithmetic(key: Uint8Array): boolean {
  const stepAt = (index: number): number => ((key[index + 1] ?? 0) - (key[index] ?? 0)) & 0xff
  const first = stepAt(0)
  return key.subarray(1).every((_byte, index) => stepAt(index) === first)
}
