import { createTransport } from 'nodemailer'
import { errorCode } from '../error-code.ts'
import { PermanentJobError } from '../jobs/job-kind.ts'
import { composerOptions, type Mailer } from './mailer.ts'

const CONNECT_MS = 10_000
const SILENCE_MS = 30_000

/** The server will never take mail for this mailbox: no such user, moved, or a name it does not allow (RFC 5321). */
const REFUSED_MAILBOX = new Set([550, 551, 553])

function isRefusedMailbox(error: unknown): boolean {
  if (!(error instanceof Error) || errorCode(error) !== 'EENVELOPE') return false
  if (!('command' in error) || error.command !== 'RCPT TO') return false
  return (
    'responseCode' in error &&
    typeof error.responseCode === 'number' &&
    REFUSED_MAILBOX.has(error.responseCode)
  )
}

/**
 * Sends through a mail server, `smtp://user:password@host:port` (with STARTTLS where the server offers it) or `smtps://…`;
 * nodemailer's options may follow as a query. One connection per mail. Error messages name the server's words, which may
 * hold the address: they are not for the log.
 */
export function createSmtpMailer(url: string): Mailer & { close(): void } {
  const transport = createTransport({
    url,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
  })
  return {
    async send(mail) {
      try {
        await transport.sendMail(composerOptions(mail))
      } catch (error) {
        if (!isRefusedMailbox(error)) throw error
        throw new PermanentJobError('The mail server refuses this mailbox.', { cause: error })
      }
    },
    close: () => transport.close(),
  }
}
