import type { Outcome } from '@outcry/contract/vault'
import { asError } from '../../../platform/as-error.ts'
import type { Audit } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Db, Tx } from '../../../platform/db/index.ts'
import { MINUTE } from '../../../platform/durations.ts'
import type { Jobs } from '../../../platform/jobs/jobs.ts'
import type { Logger } from '../../../platform/log/logger.ts'
import { REJECTIONS_MAX } from '../credential.table.ts'
import { isAccepted, isRejected } from '../provider.ts'
import { tellOfChange } from '../vault.jobs.ts'
import {
  countRejection,
  noteUse,
  type Rejected,
  type StoredKey,
  switchOff,
  type UseNote,
} from './stored-key.store.ts'

const LATER_MS = 20

/** Keeps on the rows what their uses have shown, soon and many at once; no use waits for it. */
export interface UseNotes {
  /** Notes how a use ended. What a trial showed is noted by who asked for it. */
  note(key: StoredKey, outcome: Outcome): void
  /** Waits until everything is written. */
  flush(): Promise<void>
}

interface UseNotesParts {
  readonly db: Db
  readonly audit: Audit
  /** Where servers find what they are to tell owners. */
  readonly jobs: Pick<Jobs, 'enqueue'>
  readonly clock: Clock
  readonly log: Logger
}

/** A use is noted once a minute: nobody needs to know it better, and each note is a write. */
function isNoted(before: Date | null, now: Date): boolean {
  return before !== null && now.getTime() - before.getTime() < MINUTE
}

/** What is new about a key; empty within the same minute when nothing changed. */
function newsOf(key: StoredKey, outcome: Outcome, now: Date): UseNote {
  // Note: that a broker is down or busy says nothing about a key.
  const saysSomething = isAccepted(outcome)
  const isChange = saysSomething && outcome !== key.last_validation
  return {
    ...(isNoted(key.last_used_at, now) ? {} : { last_used_at: now }),
    ...(isChange ? { last_validation: outcome, last_validated_at: now } : {}),
    ...(saysSomething && key.rejections > 0 ? { rejections: 0 } : {}),
  }
}

/** Opens the notebook. */
export function createUseNotes({ db, audit, jobs, clock, log }: UseNotesParts): UseNotes {
  const pending = new Map<string, { key: StoredKey; note: UseNote }>()
  let written: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout | undefined

  const tell = (tx: Tx, { id: credential_id, user_id }: StoredKey) =>
    jobs.enqueue(tx, { kind: tellOfChange, payload: { credential_id, user_id } })

  /** Note: one after the other, so that rows end as their uses did. */
  const inBackground = (work: () => Promise<void>) => {
    written = written.then(work).catch((error: unknown) => {
      log.warn({ err: asError(error) }, 'What a use has shown could not be noted.')
    })
  }
  const writePending = () => {
    clearTimeout(timer)
    timer = undefined
    if (pending.size === 0) return
    // Note: in one order everywhere, so that two processes never wait for each other's rows.
    const notes = [...pending.values()].sort((a, b) => (a.key.id < b.key.id ? -1 : 1))
    pending.clear()
    inBackground(() =>
      db.withSystem(async (tx) => {
        for (const { key, note } of notes) {
          await noteUse(tx, key, note)
          const { last_validation: found = key.last_validation } = note
          if (found !== key.last_validation) await tell(tx, key)
        }
      }),
    )
  }
  /** Note: what is still to be noted of the key comes first, so that both stand in the order in which they happened. */
  const reject = (key: StoredKey, outcome: Rejected, before: UseNote | undefined) =>
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
  return {
    note(key, outcome) {
      const before = pending.get(key.id)?.note
      if (isRejected(outcome)) {
        pending.delete(key.id)
        return inBackground(() => reject(key, outcome, before))
      }
      const news = newsOf(key, outcome, clock.now())
      if (Object.keys(news).length === 0) return
      pending.set(key.id, { key, note: { ...before, ...news } })
      timer ??= setTimeout(writePending, LATER_MS).unref()
    },
    async flush() {
      writePending()
      await written
    },
  }
}
