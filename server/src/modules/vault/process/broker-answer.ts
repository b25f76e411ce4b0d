import { Readable } from 'node:stream'
import type { Outcome } from '@outcry/contract/vault'
import { wholeBody } from '../../../platform/whole-body.ts'
import type { BrokerHeaders } from '../protocol/broker-headers.ts'
import type { CredentialProvider } from '../provider.ts'

/** How much of an answer telling its meaning may need. */
const BEGINNING_BYTES = 16 * 1024

/** An answer of which so much was read as telling its meaning needs. */
export interface ReadAnswer {
  readonly outcome: Outcome
  /** What was read of the body. */
  readonly beginning: Buffer
  /** What is still to come; none when that was all. */
  readonly body: Readable | undefined
}

interface Incoming {
  readonly statusCode: number
  readonly headers: BrokerHeaders
  readonly body: Readable
}

async function readBeginning(body: Readable): Promise<Omit<ReadAnswer, 'outcome'>> {
  const chunks: Buffer[] = []
  const rest = body[Symbol.asyncIterator]()
  for (let size = 0; size < BEGINNING_BYTES; ) {
    const { done, value } = await rest.next()
    if (done) return { beginning: Buffer.concat(chunks), body: undefined }
    const chunk = Buffer.from(value)
    chunks.push(chunk)
    size += chunk.length
  }
  return { beginning: Buffer.concat(chunks), body: Readable.from(rest, { objectMode: false }) }
}

/** Short answers are read whole, failures and trials looked into; a long or endless good answer is handed on as it comes. */
async function readAsNeeded(
  { statusCode, headers, body }: Incoming,
  isTrial: boolean,
): Promise<Omit<ReadAnswer, 'outcome'>> {
  if (Number(headers['content-length']) <= BEGINNING_BYTES) {
    return { beginning: await wholeBody(body), body: undefined }
  }
  return isTrial || statusCode >= 400 ? readBeginning(body) : { beginning: Buffer.alloc(0), body }
}

/** Tells what an answer says of the key, reading no more of it than that takes. */
export async function readAnswer(
  provider: CredentialProvider,
  path: string,
  incoming: Incoming,
): Promise<ReadAnswer> {
  const { statusCode: status, headers } = incoming
  const read = await readAsNeeded(incoming, path === provider.probe.path)
  const text = read.beginning.toString('utf8', 0, BEGINNING_BYTES)
  return { ...read, outcome: provider.classify({ status, headers, body: text }) }
}
