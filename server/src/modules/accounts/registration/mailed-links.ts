import { Type } from 'typebox'
import type { Audit } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import { canonicalText, type Db, type Tx } from '../../../platform/db/index.ts'
import { HOUR } from '../../../platform/durations.ts'
import { defineJob } from '../../../platform/jobs/job-kind.ts'
import type { Jobs } from '../../../platform/jobs/jobs.ts'
import { aboutUser, askedFrom } from '../accounts.audit.ts'
import { accountsPolicy } from '../accounts.policy.ts'
import type { ClientFacts } from '../client-facts.ts'
import type { MailPasswordReset } from '../passwords/password-reset.ts'
import { findUserByEmail, lockUser } from '../users/user.store.ts'
import type { UserRow } from '../users/user.table.ts'
import { apartFrom } from './apart-from.ts'
import { deleteVerificationTokensOf } from './email-verification-token.store.ts'
import type { AskForVerification } from './verification.ts'

const purposes = ['password_reset', 'verification'] as const

/** What a mailed link is good for. */
export type LinkPurpose = (typeof purposes)[number]

const sendLink = defineJob('accounts.send_link', {
  payload: Type.Object({
    purpose: Type.Enum([...purposes]),
    email: Type.String(),
    address: Type.String(),
    request_id: Type.String(),
  }),
  sealedPayload: true,
})

const MAILS = { max: 3, windowMs: HOUR } as const // C10

const actions: Readonly<Record<LinkPurpose, string>> = {
  password_reset: 'account.password_reset_asked',
  verification: 'account.verification_asked',
}

const mayHave: Readonly<Record<LinkPurpose, (user: UserRow, now: Date) => boolean>> = {
  password_reset: accountsPolicy.holdSession,
  verification: ({ status }) => status === 'pending_verification',
}

/** Asks for a link to be mailed to an address as it was typed, whoever has it. Says nothing, and takes the same for all. */
export type RequestLink = (purpose: LinkPurpose, email: string, client: ClientFacts) => Promise<void>

/** Counts, and says whether there is still one left in the window. */
export interface MailLimits {
  take(
    key: string,
    rule: { readonly max: number; readonly windowMs: number },
  ): { readonly allowed: boolean } | Promise<{ readonly allowed: boolean }>
}

export interface MailedLinksOptions {
  readonly db: Db
  readonly clock: Clock
  readonly audit: Audit
  readonly jobs: Pick<Jobs, 'enqueue' | 'handle'>
  /** Counts the mails of an account on every node. */
  readonly mailLimits: MailLimits
  readonly mailPasswordReset: MailPasswordReset
  readonly askForVerification: AskForVerification
}

/**
 * Links that are mailed to whoever asks with an address. The request only leaves a sealed job, the same for every text; who
 * that is, and whether they get a mail, is found out behind the answer, so that neither its words nor its time tell (C6).
 */
export function createMailedLinks(options: MailedLinksOptions): RequestLink {
  const { db, clock, audit, jobs, mailLimits } = options
  /** Mails a link, or says why not. */
  const mail: Readonly<Record<LinkPurpose, (tx: Tx, user: UserRow) => Promise<string | undefined>>> = {
    // Note: the lock makes a change of address either come first, and show here, or come after, and end this link.
    async password_reset(tx, { id, email }) {
      const current = await lockUser(tx, id)
      if (current?.email !== email) return 'superseded'
      await options.mailPasswordReset(tx, current)
      return undefined
    },
    async verification(tx, user) {
      await deleteVerificationTokensOf(tx, user.id)
      await options.askForVerification(tx, user)
      return undefined
    },
  }

  const refusalOf = async (purpose: LinkPurpose, user: UserRow | undefined): Promise<string | undefined> => {
    if (!user) return 'unknown'
    if (!mayHave[purpose](user, clock.now())) return 'closed'
    const { allowed } = await mailLimits.take(`${sendLink.name}\n${purpose}\n${user.id}`, MAILS)
    return allowed ? undefined : 'too_many'
  }

  jobs.handle(sendLink, async ({ payload, complete }) => {
    const { purpose, email, address, request_id: requestId } = payload
    const user = await findUserByEmail(db, canonicalText(email))
    const refusal = await refusalOf(purpose, user)
    await db.withSystem(async (tx) => {
      const reason = user && refusal === undefined ? await mail[purpose](tx, user) : refusal
      await complete(tx)
      await audit.record(tx, {
        action: actions[purpose],
        result: reason === undefined ? 'ok' : 'refused',
        ...(user ? aboutUser(user.id) : {}),
        ...askedFrom({ address, requestId }),
        ...(reason === undefined ? {} : { details: { reason } }),
      })
    })
  })

  return async (purpose, email, { address, requestId: request_id }) => {
    const payload = { purpose, email, address, request_id }
    await db.transaction((tx) => jobs.enqueue(tx, { kind: sendLink, payload, runAt: apartFrom(clock) }))
  }
}
