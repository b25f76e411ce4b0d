import type { Environment, Outcome } from '@outcry/contract/vault'

/** Outcomes after which a pair is not kept. */
export type Refusal = 'rejected' | 'wrong_environment'

const other: Readonly<Record<Environment, Environment>> = { paper: 'live', live: 'paper' }

/** What is said of a pair that was stored; null when it was not tried. */
export function storedText(outcome: Outcome | null): string {
  switch (outcome) {
    case 'ok':
      return 'Stored. The broker accepts this key.'
    case 'blocked':
      return 'Stored. The broker accepts this key, but has blocked the account behind it. Ask the broker why.'
    case 'rate_limited':
      return 'Stored without a test: the broker takes no more requests for now. Test it in a minute.'
    case 'unreachable':
      return 'Stored without a test: the broker did not answer. Test it in a few minutes.'
    default:
      return 'Stored without a test.'
  }
}

/** What is said of a pair that was not stored, when it was meant for this environment. */
export function refusedText(outcome: Refusal, environment: Environment): string {
  if (outcome === 'wrong_environment')
    return `Not stored: this is a ${other[environment]} key, not a ${environment} one. Add it as a ${other[environment]} credential.`
  return 'Not stored: the broker does not accept this key and secret. Copy both again from your broker; it shows the secret only once.'
}

/** What is said of a new pair that took the place of another. */
export function replacedText(outcome: Outcome | null): string {
  if (outcome === 'blocked')
    return 'The new key is in use. The broker accepts it, but has blocked the account behind it. Ask the broker why.'
  return 'The new key is in use. The broker accepts it.'
}

/** What the broker made of a stored key of this environment when it was tried last. */
export function standingText(outcome: Outcome, environment: Environment): string {
  switch (outcome) {
    case 'ok':
      return 'The broker accepts this key.'
    case 'blocked':
      return 'The broker accepts this key, but has blocked the account behind it. Ask the broker why.'
    case 'rejected':
      return 'The broker does not accept this key. Replace it with a new one.'
    case 'wrong_environment':
      return `This is a ${other[environment]} key, not a ${environment} one. Add it as a ${other[environment]} credential and delete this one.`
    case 'rate_limited':
      return 'The broker takes no more requests with this key for now. Test it again in a minute.'
    case 'unreachable':
      return 'The broker did not answer. Test it again in a few minutes.'
  }
}
