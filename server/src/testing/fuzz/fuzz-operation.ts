import type { SignedInMember } from '../factories.ts'
import type { TestApp } from '../start-test-app.ts'
import { exchange, type RawAnswer } from './exchange.ts'
import { complaintsAbout } from './judge.ts'
import type { Operation } from './operations.ts'
import { CANARY_PASSWORD, newPerson } from './people.ts'
import type { Random } from './random.ts'
import type { RowReader } from './row-snapshot.ts'
import { type Variant, variantsOf } from './variants.ts'

export interface FuzzOptions {
  readonly app: TestApp
  readonly rows: RowReader
  readonly random: Random
  /** For each of: somebody signed out, another member, an admin. */
  readonly variantsEach: number
}

/** What a fuzzed operation did wrong, and how much it was asked. */
export interface FuzzReport {
  readonly requests: number
  readonly statuses: ReadonlyMap<number, number>
  readonly complaints: readonly string[]
}

const IN_FLIGHT = 8
const BATCH = 30

/** Refusing is recorded here, on purpose: who tried what, and how often. */
const RECORDS_OF_REFUSAL = new Set(['audit_events', 'audit_head', 'throttle_counters', 'rate_windows'])

interface Sent extends Variant {
  readonly answer: RawAnswer
}

/** Sends hostile requests to one operation as each kind of caller, and looks at every answer and at what is stored. */
export async function fuzzOperation(operation: Operation, options: FuzzOptions): Promise<FuzzReport> {
  const { app, random, variantsEach } = options
  const victim = await newPerson(app, random, 'user')
  const callers: readonly (readonly [string, SignedInMember | undefined])[] = [
    ['signed out', undefined],
    ['another member', await newPerson(app, random, 'user')],
    ['an admin', await newPerson(app, random, 'admin')],
  ]
  const statuses = new Map<number, number>()
  const complaints: string[] = []
  let requests = 0
  for (const [who, caller] of callers) {
    const known = {
      usernames: [victim.username],
      emails: [victim.email],
      ids: [victim.id, crypto.randomUUID()],
      password: CANARY_PASSWORD,
    }
    const variants = [
      ...variantsOf(operation, { random, known, token: caller?.accessToken, count: variantsEach }),
    ]
    const secrets = [
      CANARY_PASSWORD,
      victim.accessToken,
      victim.refreshToken,
      ...(caller ? [caller.accessToken] : []),
    ]
    const privateFacts = who === 'an admin' ? [] : [victim.email]
    const sent = await sendInBatches(variants, options, (complaint) =>
      complaints.push(`${operation.id}, ${who}: ${complaint}`),
    )
    requests += sent.length
    for (const { label, draft, answer } of sent) {
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
      for (const complaint of complaintsAbout({ draft, answer, secrets, privateFacts })) {
        complaints.push(`${operation.id}, ${who}, ${label}: ${complaint} ${answer.raw.slice(-400)}`)
      }
    }
  }
  return { requests, statuses, complaints }
}

/** Sends all; where every request of a batch was refused, nothing stored may have changed. The others are sent once more. */
async function sendInBatches(
  variants: readonly Variant[],
  { app, rows }: FuzzOptions,
  complain: (complaint: string) => void,
): Promise<Sent[]> {
  const sent: Sent[] = []
  const refusedAmongOthers: Variant[] = []
  const sendBatch = async (batch: readonly Variant[]) => {
    const before = await rows.snapshot(RECORDS_OF_REFUSAL)
    const answers = await sendAll(app.url, batch)
    const refused = answers.filter(({ answer }) => answer.status === 0 || answer.status >= 400)
    if (refused.length < answers.length) return { answers, refused }
    const after = await rows.snapshot(RECORDS_OF_REFUSAL)
    for (const table of Object.keys(after)) {
      if (before[table] === after[table]) continue
      complain(`Refused requests changed ${table}: ${answers.map(({ label }) => label).join('; ')}`)
    }
    return { answers, refused: [] }
  }
  for (let at = 0; at < variants.length; at += BATCH) {
    const { answers, refused } = await sendBatch(variants.slice(at, at + BATCH))
    sent.push(...answers)
    refusedAmongOthers.push(...refused)
  }
  for (let at = 0; at < refusedAmongOthers.length; at += BATCH) {
    sent.push(...(await sendBatch(refusedAmongOthers.slice(at, at + BATCH))).answers)
  }
  return sent
}

async function sendAll(address: string, variants: readonly Variant[]): Promise<Sent[]> {
  const sent: Sent[] = []
  const queue = variants.values()
  const work = async () => {
    for (const variant of queue) sent.push({ ...variant, answer: await exchange(address, variant.draft) })
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, work))
  return sent
}
