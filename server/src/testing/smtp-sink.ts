import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer } from 'smtp-server'

/** One mail as the server got it. */
export interface ReceivedMail {
  readonly from: string
  /** From the envelope, where a hidden recipient would show. */
  readonly recipients: readonly string[]
  readonly raw: string
  readonly parsed: Email
}

/** A real mail server on loopback that keeps what it receives. */
export interface SmtpSink {
  readonly url: string
  readonly received: readonly ReceivedMail[]
  /** Answers the next recipients with these codes instead of taking them, such as 451 (later) or 550 (never). */
  refuseNext(...codes: number[]): void
  close(): Promise<void>
}

/** Starts a sink on a free port. */
export async function startSmtpSink(): Promise<SmtpSink> {
  const received: ReceivedMail[] = []
  const refusals: number[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    onRcptTo(_address, _session, done) {
      const code = refusals.shift()
      done(code === undefined ? null : Object.assign(new Error('No.'), { responseCode: code }))
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const raw = Buffer.concat(chunks)
        const { mailFrom, rcptTo } = session.envelope
        PostalMime.parse(raw).then((parsed) => {
          received.push({
            from: mailFrom === false ? '' : mailFrom.address,
            recipients: rcptTo.map(({ address }) => address),
            raw: raw.toString(),
            parsed,
          })
          done()
        }, done)
      })
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.server.address()
  if (address === null || typeof address === 'string') throw new Error('The mail sink has no port.')
  return {
    url: `smtp://127.0.0.1:${address.port}`,
    received,
    refuseNext: (...codes) => refusals.push(...codes),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
