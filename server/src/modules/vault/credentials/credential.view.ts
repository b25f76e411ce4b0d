import type { CredentialRow } from '../credential.table.ts'
import type { ActiveCredential } from './active-credential.ts'
import type { DeletedCredential } from './deleted-credential.store.ts'
import { nicknameOf } from './nickname.ts'

/** A credential as a client sees it: nothing of the pair but the hint. */
export function viewCredential(row: CredentialRow) {
  return {
    id: row.id,
    created_at: row.created_at,
    updated_at: row.updated_at,
    account_id: row.user_account_id,
    user_id: row.user_id,
    credential_type: row.credential_type,
    nickname: nicknameOf(row.nickname, row.credential_type),
    environment: row.environment,
    key_hint: row.key_hint,
    key_version: row.key_version,
    is_active: row.is_active,
    is_default: row.is_default,
    is_trading_enabled: row.is_trading_enabled,
    expires_at: row.expires_at,
    last_used_at: row.last_used_at,
    last_validated_at: row.last_validated_at,
    last_validation: row.last_validation,
    version: row.version,
  }
}

/** What is left of a deleted credential, as its owner sees it. */
export function viewDeletedCredential(row: DeletedCredential) {
  return {
    id: row.id,
    created_at: row.created_at,
    deleted_at: row.deleted_at,
    account_id: row.user_account_id,
    credential_type: row.credential_type,
    nickname: nicknameOf(row.nickname, row.credential_type),
    environment: row.environment,
    key_hint: row.key_hint,
  }
}

/** What a member has chosen, as they see it. */
export function viewActiveCredential({ id, row, problem }: ActiveCredential) {
  return { credential_id: id, credential: row ? viewCredential(row) : null, problem }
}
