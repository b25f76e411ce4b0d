import type { Environment } from '@outcry/contract/vault'
import { formatDay } from '../../lib/format.ts'
import { inWords } from '../../lib/in-words.ts'

/** What a credential's name depends on. */
export interface NamedCredential {
  readonly nickname: string
  readonly credential_type: string
  readonly created_at: string
}

/**
 * What a credential is called everywhere: its nickname; when that is only its type, the type in words and the day it was
 * added.
 */
export function credentialName({ nickname, credential_type, created_at }: NamedCredential): string {
  if (nickname !== credential_type) return nickname
  return `${inWords(credential_type)}, added ${formatDay(created_at)}`
}

/** Its name after LIVE or PAPER, for where there is text alone: `LIVE Retirement`. */
export function credentialNameInText(
  credential: NamedCredential & { readonly environment: Environment },
): string {
  return `${credential.environment.toUpperCase()} ${credentialName(credential)}`
}
