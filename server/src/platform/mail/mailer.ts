import type { SendMailOptions } from 'nodemailer'

/** A name and an address; the name may be empty. */
export interface Mailbox {
  readonly name: string
  readonly address: string
}

/** A mail ready to go. */
export interface OutgoingMail {
  /** The same for every attempt, so that a mail that arrived twice is known as one. */
  readonly id: string
  readonly from: Mailbox
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly date: Date
}

/** Hands mails over to whatever brings them on. */
export interface Mailer {
  /**
   * Resolves once the mail is somebody else's to deliver. Throws `PermanentJobError` when the address is refused for good,
   * anything else when trying again may help.
   */
  send(mail: OutgoingMail): Promise<void>
}

/** The Message-ID that a mail keeps through all attempts (RFC 5322 section 3.6.4). */
export function messageIdOf({ id, from }: Pick<OutgoingMail, 'id' | 'from'>): string {
  return `<${id}@${from.address.slice(from.address.lastIndexOf('@') + 1)}>`
}

/** The mail for the composer. Addresses go as objects: nothing in them is parsed for further recipients. */
export function composerOptions(mail: OutgoingMail): SendMailOptions {
  return {
    from: { name: mail.from.name, address: mail.from.address },
    to: { name: '', address: mail.to },
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    date: mail.date,
    messageId: messageIdOf(mail),
    headers: { 'auto-submitted': 'auto-generated' }, // RFC 3834: no out-of-office answers, please
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}
