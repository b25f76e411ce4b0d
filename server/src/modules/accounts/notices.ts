import type { Clock } from '../../platform/clock.ts'
import type { Tx } from '../../platform/db/index.ts'
import type { Mail } from '../../platform/mail/mail.ts'
import type { Site } from './registration/verification-mail.ts'
import { describeDevice } from './sessions/device.ts'
import { findUser } from './users/user.store.ts'
import type { UserRow } from './users/user.table.ts'

/** What a member is told about their account, whoever did it (C49). */
export const noticeKinds = {
  passwordChanged: 'your password was changed, and every other session was ended',
  passwordReset: 'your password was set anew with a mailed link, and every session was ended',
  twoFactorEnabled: 'two-factor sign-in was switched on',
  twoFactorDisabled: 'two-factor sign-in was switched off',
  backupCodesRenewed: 'new backup codes were made; the old ones are dead',
  backupCodeUsed: 'a backup code was used in place of a code of your app',
  passkeyAdded: 'a passkey was added',
  passkeyRemoved: 'a passkey was removed',
  passkeyCopied: 'a passkey was refused, because its counter went backwards: it may have been copied',
  personalTokenCreated: 'a personal access token was made',
  newDevice: 'somebody signed in from a device that was not seen before',
  sessionStolen: 'a sign-in token was used twice, as a thief would, so that session was ended',
  passwordLocked: 'the password was wrong too often, so signing in with it is locked for a while',
  passwordDisabled: 'the password was wrong a hundred times, so it is disabled until you set a new one',
  secondFactorLocked: 'the second factor was wrong too often, so it is locked for a while',
  secondFactorDisabled:
    'the second factor was wrong too often, so it is disabled until an administrator resets it',
  roleChanged: 'your role was changed by an administrator',
  accountClosed: 'your account was closed by an administrator',
  accountOpened: 'your account was opened by an administrator',
  suspensionEnded: 'the suspension of your account is over',
  emailChangeAsked: 'somebody asked to change the address of the account',
  emailChangeUndone: 'a change of your address was undone, and every session and token was ended',
  accountDeleted: 'your account was deleted',
  liveKeyStored: 'a live broker key was stored',
  liveKeyReplaced: 'a live broker key was replaced by another one',
  liveKeyDeleted: 'a live broker key was deleted',
  liveKeyUsedElsewhere: 'a live broker key was used from an address that was not seen before',
  brokerKeySwitchedOff: 'a broker key was switched off, because its broker refused it three times in a row',
  brokerKeyExpiring: 'a broker key was found to expire soon',
  brokerKeyExpired: 'a broker key was found to have expired',
} as const

/** One of `noticeKinds`. */
export type NoticeKind = keyof typeof noticeKinds

/** What nobody did: what the member may want to do then. */
const adviceOn: Partial<Record<NoticeKind, string>> = {
  emailChangeAsked:
    'It changes once the new address is confirmed, within 10 minutes. If it was not you, set a new password now: that ends this request and every other session.',
  brokerKeySwitchedOff: 'Replace it, or switch it on again, if you still need it.',
  brokerKeyExpiring: 'Replace it, or let it expire later, if you still need it.',
  brokerKeyExpired: 'Replace it, or let it expire later, if you still need it.',
}

const IF_IT_WAS_YOU =
  'If it was you, there is nothing to do. If it was not, set a new password, look through your sessions, and tell the operator of the site.'

/** What is known about how it happened; shown to the member. */
export interface NoticeFacts {
  readonly address?: string
  readonly userAgent?: string
  /** More that the member should know, as one sentence. */
  readonly detail?: string
}

/** What to tell, and what is known about it. */
export interface Notice {
  readonly kind: NoticeKind
  readonly facts?: NoticeFacts
}

/** Tells a member by mail, in the transaction of what happened. */
export type Notify = (tx: Tx, user: Pick<UserRow, 'email' | 'username'>, notice: Notice) => Promise<void>

/** A moment as mails say it, to the minute. */
export function momentInWords(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** Security notices hold no link that acts: the reader goes to the site by hand (C49). */
export function createNotices({
  clock,
  mail,
  site,
}: {
  readonly clock: Clock
  readonly mail: Mail
  readonly site: Site
}): Notify {
  return async (tx, { email, username }, { kind, facts = {} }) => {
    const at = momentInWords(clock.now())
    const where = facts.address ? ` from ${facts.address}` : ''
    const device = facts.userAgent === undefined ? '' : ` with ${describeDevice(facts.userAgent)}`
    const happened = `This was on ${at}${where}${device}.${facts.detail ? ` ${facts.detail}` : ''}`
    await mail.queue(tx, {
      to: email,
      subject: `About your account at ${site.name}`,
      paragraphs: [
        `Hello ${username},`,
        `at ${site.name}, ${noticeKinds[kind]}.`,
        happened,
        adviceOn[kind] ?? IF_IT_WAS_YOU,
      ],
    })
  }
}

/** Tells a member, for modules that know no more of them than the id; nobody when the account is deleted. */
export type NotifyMember = (tx: Tx, userId: string, notice: Notice) => Promise<void>

export function createNotifyMember(notify: Notify): NotifyMember {
  return async (tx, userId, notice) => {
    const user = await findUser(tx, userId)
    if (user && user.deleted_at === null) await notify(tx, user, notice)
  }
}
