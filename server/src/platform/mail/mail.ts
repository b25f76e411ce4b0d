import type { Tx } from '../db/index.ts'
import { DAY, MINUTE, SECOND } from '../durations.ts'
import { defineJob } from '../jobs/job-kind.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { checkMail, type MailContent, mailContent } from './mail-content.ts'
import type { Mailbox, Mailer } from './mailer.ts'
import { renderMail } from './render-mail.ts'

/** The kind of the jobs that send mail. */
export const MAIL_JOB = 'mail.send'

/** Tried for a day while the provider is down (R21); sealed at rest, because mails carry links that open accounts. */
const sendMail = defineJob(MAIL_JOB, {
  payload: mailContent,
  sealedPayload: true,
  retry: { baseMs: 5 * SECOND, capMs: 30 * MINUTE, maxAttempts: 1_000, giveUpAfterMs: DAY },
})

/** Sends mail after the commit. */
export interface Mail {
  /**
   * Queues a mail in the caller's transaction: it goes out if and only if that commits, at least once, within a day, and
   * then leaves no trace in the database. Throws `InvalidMailError` or `InvalidPayloadError` for one that cannot be sent.
   */
  queue(tx: Tx, content: MailContent): Promise<void>
}

/** What mail is sent with. */
export interface MailOptions {
  readonly jobs: Pick<Jobs, 'enqueue' | 'handle'>
  readonly mailer: Mailer
  /** The sender of every mail. */
  readonly from: Mailbox
}

/** Makes the mail service of one process and registers the job that sends. */
export function createMail({ jobs, mailer, from }: MailOptions): Mail {
  jobs.handle(sendMail, async ({ idempotencyKey, payload, queuedAt }) => {
    const { subject, text, html } = renderMail(payload)
    await mailer.send({ id: idempotencyKey, from, to: payload.to, subject, text, html, date: queuedAt })
  })
  return {
    async queue(tx, content) {
      checkMail(content)
      await jobs.enqueue(tx, { kind: sendMail, payload: content })
    },
  }
}
