import { Type } from 'typebox'
import { asError } from '../../../platform/as-error.ts'
import { type HistoryEntry, listHistory } from '../../../platform/audit/audit-history.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Db } from '../../../platform/db/index.ts'
import { MINUTE } from '../../../platform/durations.ts'
import { AppError } from '../../../platform/errors.ts'
import { defineJob } from '../../../platform/jobs/job-kind.ts'
import type { Jobs } from '../../../platform/jobs/jobs.ts'
import type { Logger } from '../../../platform/log/logger.ts'
import type { NotifyMember } from '../../accounts/index.ts'
import type { UseClaims } from '../protocol/protocol.ts'
import { USE_ENDED, USED } from '../protocol/use-entries.ts'
import type { VaultClient } from '../vault-client.ts'
import { findCredential } from './credential.store.ts'
import { calledAs } from './nickname.ts'

const REMEMBERED_MAX = 10_000
const BATCH = 500
/** How far back in what was done with a key its addresses are looked for. */
const ENTRIES_MAX = 5_000
/** Uses that come in together are one first use. */
const TOGETHER_MS = MINUTE

const lookAtAddress = defineJob('vault.look_at_address', {
  payload: Type.Object({
    credential_id: Type.String(),
    user_id: Type.String(),
    address: Type.String(),
    used_at: Type.Integer({ description: 'Milliseconds since 1970.' }),
  }),
})

interface WatchAddressesOptions {
  readonly db: Db
  readonly clock: Clock
  readonly jobs: Pick<Jobs, 'enqueue' | 'handle'>
  readonly log: Pick<Logger, 'warn'>
  readonly notifyMember: NotifyMember
  /** What of an address counts as one place. */
  readonly groupOf: (address: string) => string
}

/**
 * The same client, which tells the owner of a live key by mail when it is used from an address that it was not used from
 * before, nor stored or changed from (C49). What is known is in the audit log; a use looks there once for each address.
 */
export function watchAddresses(client: VaultClient, options: WatchAddressesOptions): VaultClient {
  const { db, clock, jobs, log, notifyMember, groupOf } = options
  const seen = new Set<string>()

  const remember = (key: string) => {
    seen.add(key)
    const [oldest] = seen
    if (seen.size > REMEMBERED_MAX && oldest !== undefined) seen.delete(oldest)
  }

  const enqueue = async ({ owner, credential, actor }: Pick<UseClaims, 'owner' | 'credential' | 'actor'>) => {
    const { address = '' } = actor
    const used_at = clock.now().getTime()
    const row = await findCredential(db.asMember(owner), { id: credential, userId: owner })
    if (row?.environment !== 'live') return
    const payload = { credential_id: credential, user_id: owner, address, used_at }
    const key = `${credential} ${groupOf(address)}`
    await db.withMember(owner, (tx) => jobs.enqueue(tx, { kind: lookAtAddress, payload, key }))
  }

  const watch = (claims: Omit<UseClaims, 'operation'>) => {
    const { credential, actor } = claims
    if (actor.address === undefined) return
    const key = `${credential} ${groupOf(actor.address)}`
    if (seen.has(key)) return
    remember(key)
    enqueue(claims).catch((error: unknown) => {
      seen.delete(key)
      log.warn({ err: asError(error) }, 'The address of a use was not looked at.')
    })
  }

  jobs.handle(lookAtAddress, async ({ payload, complete }) => {
    const { credential_id: id, user_id: userId, address, used_at } = payload
    const isHere = (other: string) => groupOf(other) === groupOf(address)
    const row = await findCredential(db.asSystem(), { id, userId })
    const isNew = row !== undefined && !(await isKnown(db, { id, before: used_at - TOGETHER_MS, isHere }))
    await db.withSystem(async (tx) => {
      if (row && isNew) {
        const detail = `${calledAs(row)}.`
        await notifyMember(tx, userId, { kind: 'liveKeyUsedElsewhere', facts: { address, detail } })
      }
      await complete(tx)
    })
  })

  return {
    seal: (claims, pair) => client.seal(claims, pair),
    async use(claims, request, signal) {
      const answer = await client.use(claims, request, signal).catch((error: unknown) => {
        // Note: whatever did not end in a refusal may have been sent, also when nobody waited for the answer.
        if (!isRefusal(error)) watch(claims)
        throw error
      })
      watch(claims)
      return answer
    },
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof AppError && error.status < 500
}

interface Place {
  readonly id: string
  /** Milliseconds since 1970. */
  readonly before: number
  readonly isHere: (address: string) => boolean
}

/** What takes a proof of who somebody is, and so makes their place a known one. */
const PROVEN: ReadonlySet<string> = new Set(['credential.stored', 'credential.rotated'])

/** Whether a key was used from a place before, or stored or replaced from there. */
async function isKnown(db: Db, { id, before, isHere }: Place): Promise<boolean> {
  const of = { type: 'credential', id, without: USE_ENDED }
  const system = db.asSystem()
  const makesKnown = ({ action, address, at, result }: HistoryEntry) =>
    result === 'ok' &&
    address !== null &&
    isHere(address) &&
    (PROVEN.has(action) || (action === USED && at.getTime() <= before))
  let batch = await listHistory(system, of, { skip: 0, limit: BATCH })
  for (let looked = 0; batch.length > 0 && looked < ENTRIES_MAX; looked += BATCH) {
    if (batch.some(makesKnown)) return true
    batch = await listHistory(system, of, { before: batch.at(-1)?.seq ?? 0, skip: 0, limit: BATCH })
  }
  return false
}
