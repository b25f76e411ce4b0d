import type { Outcome } from '@outcry/contract/vault'
import { asError } from '../../../platform/as-error.ts'
import type { Audit } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Db, Tx } from '../../../platform/db/index.ts'
import { MINUTE } from '../../../platform/durations.ts'
import type { Jobs } from '../../../platform/jobs/jobs.ts'
import type { Logger } from '../../../platform/log/logger.ts'
import { createWorkGate } from '../../../platform/work-gate.ts'
import { REJECTIONS_MAX } from '../credential.table.ts'
import { isAccepted, isRejected } from '../provider.ts'
import { tellOfChange } from '../vault.jobs.ts'
import { createLines } from './lines.ts'
import { createReject } from './reject.ts'
import { lockFree, noteUse, type StoredKey, type UseNote } from './stored-key.store.ts'

const LATER_MS = 20
/** How many notes share one transaction at most. */
const TOGETHER_MAX = 256
/** How many keys may be switched off at once: a row that somebody else holds keeps one of them for two seconds. */
const REJECTIONS_AT_ONCE = 3
/** How much of one key may wait, and of all keys whose rows are held. */
const WAITING_MAX = 2 * REJECTIONS_MAX
const ALL_WAITING_MAX = 1_000

/**
 * Keeps on the rows what their uses have shown, soon and many at once; no use waits for it. Of one key it is kept in the order
 * in which it happened; no key waits for the row of another.
 */
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

function gateOf(maxConcurrent: number) {
  return createWorkGate({ maxConcurrent, maxQueued: ALL_WAITING_MAX, retryAfterSeconds: 1 })
}

/** What is still to be noted of a key. */
interface Noted {
  readonly key: StoredKey
  readonly note: UseNote
}

/** Opens the notebook. */
export function createUseNotes({ db, audit, jobs, clock, log }: UseNotesParts): UseNotes {
  /** One for each key, and so never more than there are keys. */
  const pending = new Map<string, Noted>()
  const [late, rejections] = [gateOf(1), gateOf(REJECTIONS_AT_ONCE)]
  let isWriting = false
  let timer: NodeJS.Timeout | undefined

  const onFailed = (error: unknown) =>
    log.warn({ err: asError(error) }, 'What a use has shown could not be noted.')
  const writeSoon = () => {
    if (pending.size > 0) timer ??= setTimeout(writePending, LATER_MS).unref()
  }
  const lines = createLines({ lengthMax: WAITING_MAX, onFailed, onDone: writeSoon })

  const tell = (tx: Tx, { id: credential_id, user_id }: StoredKey) =>
    jobs.enqueue(tx, { kind: tellOfChange, payload: { credential_id, user_id } })
  const reject = createReject({ db, audit, clock, tell })
  const write = async (tx: Tx, { key, note }: Noted) => {
    await noteUse(tx, key, note)
    const { last_validation: found = key.last_validation } = note
    if (found !== key.last_validation) await tell(tx, key)
  }
  /** Writes what waits for nobody; gives the keys that somebody else holds. */
  const writeFree = (notes: readonly Noted[]) =>
    db.withSystem(async (tx) => {
      const ids = notes.map(({ key }) => key.id)
      const free = await lockFree(tx, ids)
      for (const noted of notes) if (free.has(noted.key.id)) await write(tx, noted)
      return new Set(ids.filter((id) => !free.has(id)))
    })
  const writePending = () => {
    clearTimeout(timer)
    timer = undefined
    const notes = [...pending.values()].filter(({ key }) => !lines.has(key.id)).slice(0, TOGETHER_MAX)
    if (isWriting || notes.length === 0) return
    isWriting = true
    const writing = writeFree(notes)
      .catch((error: unknown) => {
        onFailed(error)
        return new Set<string>()
      })
      .finally(() => {
        isWriting = false
        writeSoon()
      })
    for (const noted of notes) {
      const { id } = noted.key
      pending.delete(id)
      lines.add(id, async () => {
        if ((await writing).has(id)) await late(() => db.withSystem((tx) => write(tx, noted)))
      })
    }
  }
  return {
    note(key, outcome) {
      const before = pending.get(key.id)?.note
      if (isRejected(outcome)) {
        pending.delete(key.id)
        return lines.add(key.id, () => rejections(() => reject(key, outcome, before)))
      }
      const news = newsOf(key, outcome, clock.now())
      if (Object.keys(news).length === 0) return
      pending.set(key.id, { key, note: { ...before, ...news } })
      writeSoon()
    },
    async flush() {
      do {
        writePending()
        await lines.idle()
      } while (pending.size > 0)
    },
  }
}
