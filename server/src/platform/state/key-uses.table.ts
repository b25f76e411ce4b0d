import { bigint, defineTable, text } from '../db/index.ts'

/** How often each sealing key was used at most, by its id. Counted ahead, in blocks, and never taken back. */
export const keyUses = defineTable(
  'key_uses',
  { key_id: text(16).primaryKey(), uses: bigint() },
  { access: { kind: 'system' } },
)
