import type { Mailer, OutgoingMail } from '../platform/mail/mailer.ts'

/** A mailer that keeps what it is given. */
export interface MemoryMail extends Mailer {
  /** In the order of sending. */
  readonly sent: readonly OutgoingMail[]
  /** Mails to one address, the latest first. */
  to(address: string): readonly OutgoingMail[]
  /** From now on every mail fails with this error; `undefined` ends the outage. */
  failWith(error: Error | undefined): void
  /** Forgets what was sent. */
  clear(): void
}

/** Makes an empty memory mailer. */
export function memoryMail(): MemoryMail {
  const sent: OutgoingMail[] = []
  let failure: Error | undefined
  return {
    sent,
    to: (address) => sent.filter((mail) => mail.to === address).reverse(),
    failWith(error) {
      failure = error
    },
    clear() {
      sent.length = 0
    },
    async send(mail) {
      if (failure) throw failure
      sent.push(mail)
    },
  }
}
