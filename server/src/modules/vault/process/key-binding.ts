import { bindingOf } from '../../../platform/db/index.ts'
import { type CredentialRow, userCredentials } from '../credential.table.ts'

/** The row a pair belongs to, and which of its pairs it is. */
export type PairPlace = Pick<
  CredentialRow,
  'id' | 'user_id' | 'credential_type' | 'environment' | 'key_version'
>

/** Where one half of a pair opens: as this version of this row, owner, type and environment, and nowhere else (C57). */
export function keyBinding(half: 'api_key' | 'secret_key', place: PairPlace) {
  return bindingOf(userCredentials, half, { row: place })
}
