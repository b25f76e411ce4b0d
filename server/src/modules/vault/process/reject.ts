import type { Audit } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Db, Tx } from '../../../platform/db/index.ts'
import { REJECTIONS_MAX } from '../credential.table.ts'
import {
  countRejection,
  noteUse,
  type Rejected,
  type StoredKey,
  switchOff,
  type UseNote,
} from './stored-key.store.ts'

interface RejectParts {
  readonly db: Db
  readonly audit: Audit
  readonly clock: Clock
  /** Tells the servers that a key has changed. */
  readonly tell: (tx: Tx, key: StoredKey) => Promise<unknown>
}

/** Counts that a broker said no to a key, after what was still to be noted of it. */
type Reject = (key: StoredKey, outcome: Rejected, before: UseNote | undefined) => Promise<void>

/** Switches a key off with its third rejection in a row (C66), and writes that into the log. */
export function createReject({ db, audit, clock, tell }: RejectParts): Reject {
  // Note: what is still to be noted of the key comes first, so that both stand in the order in which they happened.
  return (key, outcome, before) =>
    db.withSystem(async (tx) => {
      const { id, user_id, key_version } = key
      const now = clock.now()
      if (before) await noteUse(tx, key, before)
      const row = await countRejection(tx, { id, user_id, key_version, outcome, now })
      if (!row) return
      const isOver = row.is_active && row.rejections >= REJECTIONS_MAX
      const isSwitchedOff = isOver && (await switchOff(tx, { id, user_id, version: row.version }, now))
      if (isSwitchedOff) {
        await audit.record(tx, {
          action: 'credential.changed',
          result: 'ok',
          objectType: 'credential',
          objectId: id,
          details: { is_active: false, reason: 'rejected' },
        })
      }
      if (isSwitchedOff || key.last_validation !== outcome) await tell(tx, key)
    })
}
