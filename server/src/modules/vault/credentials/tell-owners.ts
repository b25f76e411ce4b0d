import type { Clock } from '../../../platform/clock.ts'
import type { Db } from '../../../platform/db/index.ts'
import { DAY, HOUR, MINUTE } from '../../../platform/durations.ts'
import type { Events } from '../../../platform/jobs/events.ts'
import type { Jobs } from '../../../platform/jobs/jobs.ts'
import type { NotifyMember } from '../../accounts/index.ts'
import { credentialExpiring } from '../vault.events.ts'
import type { CredentialChanges } from './credential-changes.ts'
import {
  type DueCredential,
  listDueExpiries,
  listSwitchedOff,
  takeExpiryNotice,
  takeSwitchedOff,
} from './due-notice.store.ts'
import { calledAs } from './nickname.ts'

const BATCH = 100
/** How many days before its expiry an owner is told, the last first: of what is due at once, the last alone is told. */
const DAYS_BEFORE = [0, 3, 14] as const

interface TellOwnersOptions {
  readonly db: Db
  readonly clock: Clock
  readonly events: Pick<Events, 'emit'>
  readonly notifyMember: NotifyMember
  readonly changes: CredentialChanges
}

function describe(credential: DueCredential): string {
  const { expires_at } = credential
  const name = calledAs(credential)
  if (expires_at === null) return `${name}.`
  return `${name}, and its expiry is ${expires_at.toISOString().slice(0, 16).replace('T', ' ')} UTC.`
}

/**
 * Tells owners, by jobs that one node of all runs: hourly of credentials that expire in 14 or 3 days or have expired, and
 * every half minute of those that were switched off because their broker refused them. Each is told once.
 */
export function tellOwners(jobs: Pick<Jobs, 'repeat'>, options: TellOwnersOptions): void {
  const { db, clock, events, notifyMember, changes } = options

  const tellOfExpiry = (credential: DueCredential, at: { before: Date; days: number }) =>
    db.withSystem(async (tx) => {
      if (!(await takeExpiryNotice(tx, credential, at))) return
      const { id, user_id } = credential
      if (at.days === 0) changes.changed(tx, { userId: user_id, credentialId: id })
      await events.emit(tx, credentialExpiring({ credential_id: id, user_id, days_left: at.days }))
      const kind = at.days === 0 ? 'brokerKeyExpired' : 'brokerKeyExpiring'
      await notifyMember(tx, user_id, { kind, facts: { detail: describe(credential) } })
    })

  const tellOfSwitchOff = (credential: DueCredential) =>
    db.withSystem(async (tx) => {
      if (!(await takeSwitchedOff(tx, credential))) return
      changes.changed(tx, { userId: credential.user_id, credentialId: credential.id })
      const detail = `${calledAs(credential)}.`
      await notifyMember(tx, credential.user_id, { kind: 'brokerKeySwitchedOff', facts: { detail } })
    })

  const inBatches = async (
    list: () => Promise<DueCredential[]>,
    tell: (each: DueCredential) => Promise<void>,
    signal: AbortSignal,
  ) => {
    while (!signal.aborted) {
      const found = await list()
      for (const credential of found) await tell(credential)
      if (found.length < BATCH) return
    }
  }

  jobs.repeat('vault.tell_expiries', HOUR, async ({ signal }) => {
    const now = clock.now()
    for (const days of DAYS_BEFORE) {
      const at = { before: new Date(now.getTime() + days * DAY), days }
      const list = () => listDueExpiries(db.asSystem(), { ...at, limit: BATCH })
      await inBatches(list, (each) => tellOfExpiry(each, at), signal)
    }
  })
  jobs.repeat('vault.tell_switched_off', MINUTE / 2, async ({ signal }) => {
    await inBatches(() => listSwitchedOff(db.asSystem(), BATCH), tellOfSwitchOff, signal)
  })
}
