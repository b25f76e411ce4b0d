import type { UserAccountRow } from '../user-account.table.ts'

export function viewTradingAccount(row: UserAccountRow) {
  return {
    id: row.id,
    created_at: row.created_at,
    updated_at: row.updated_at,
    user_id: row.user_id,
    account_name: row.account_name,
    is_active: row.is_active,
  }
}
