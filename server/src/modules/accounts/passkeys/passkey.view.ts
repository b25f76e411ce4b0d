import type { PasskeyRow } from './passkey.table.ts'

/** A passkey for its owner. */
export function viewPasskey(passkey: PasskeyRow) {
  return {
    id: passkey.id,
    created_at: passkey.created_at,
    updated_at: passkey.updated_at,
    name: passkey.name,
    is_backed_up: passkey.is_backed_up,
    last_used_at: passkey.last_used_at,
    is_flagged: passkey.flagged_at !== null,
  }
}
