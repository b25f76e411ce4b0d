import { formatDay } from '../../lib/format.ts'
import { typeInWords } from './credential-type.ts'

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
  return `${typeInWords(credential_type)}, added ${formatDay(created_at)}`
}
