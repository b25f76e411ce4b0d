import { type TokenScope, tokenScopes } from '@outcry/contract/personal-tokens'
import type { PersonalTokenRow } from './personal-token.table.ts'

const isScope = (text: string): text is TokenScope => tokenScopes.some((scope) => scope === text)

/** A token for its owner; a scope that this version no longer knows opens nothing and is left out. */
export function viewPersonalToken(token: PersonalTokenRow) {
  return {
    id: token.id,
    created_at: token.created_at,
    updated_at: token.updated_at,
    name: token.name,
    last_four: token.last_four,
    scopes: token.scopes.filter(isScope),
    expires_at: token.expires_at,
    last_used_at: token.last_used_at,
    credential_id: token.credential_id,
    path_patterns: token.path_patterns,
    address_ranges: token.address_ranges,
    rate_per_minute: token.rate_per_minute,
  }
}

/** The same right after it was made, with its text. */
export function viewNewPersonalToken({ row, text }: { row: PersonalTokenRow; text: string }) {
  return { ...viewPersonalToken(row), token: text }
}
