import { getRandomValues } from 'node:crypto'
import { HOTP, Secret, TOTP } from 'otpauth'
import { equalDigests } from '../../../platform/crypto/opaque-token.ts'
import { SECOND } from '../../../platform/durations.ts'

const SEED_BYTES = 20 // 160 bits, as RFC 4226 section 4 recommends
const DIGITS = 6
/** How long one code is shown; RFC 6238, section 5.2. */
const STEP_MS = 30 * SECOND
/** The steps beside the present one that are accepted, for clocks that differ; RFC 6238, section 5.2. */
const DRIFT = [-1, 0, 1] as const

/** The number of the 30 s step that a moment is in, counted from 1970. */
export function stepOf(now: Date): number {
  return Math.floor(now.getTime() / STEP_MS)
}

/** A new seed for an authenticator app. */
export function createTotpSeed(): Uint8Array<ArrayBuffer> {
  return getRandomValues(new Uint8Array(SEED_BYTES))
}

const secretOf = (seed: Uint8Array): Secret => new Secret({ buffer: Uint8Array.from(seed).buffer })

/** What an app is told of a seed: as text, and as the URI that it reads from a picture. */
export function describeSeed(
  seed: Uint8Array,
  account: { readonly issuer: string; readonly label: string },
): { readonly secret: string; readonly uri: string } {
  const secret = secretOf(seed)
  const totp = new TOTP({ ...account, secret, digits: DIGITS, period: STEP_MS / SECOND })
  return { secret: secret.base32, uri: totp.toString() }
}

/** Whether a text is spelled like a code: six ASCII digits and nothing else (C16). */
export function isTotpCode(text: string): boolean {
  return /^[0-9]{6}$/.test(text)
}

/**
 * The steps whose code `code` is, of the present one and its neighbours, by the server's clock (C15). Every step is
 * compared, in a time that says nothing about the seed.
 */
export function matchingSteps(seed: Uint8Array, code: string, now: Date): readonly number[] {
  if (!isTotpCode(code)) return []
  const secret = secretOf(seed)
  const given = Buffer.from(code)
  const steps = DRIFT.map((drift) => stepOf(now) + drift)
  return steps.filter((counter) =>
    equalDigests(Buffer.from(HOTP.generate({ secret, counter, digits: DIGITS })), given),
  )
}
