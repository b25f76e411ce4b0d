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

// Note: no more than the password hasher has places and a queue for on one core, beyond which it answers 503.
const IN_FLIGHT = 3
const BATCH = 60

/** Refusing is recorded here, on purpose: who tried what, and how often. */
const RECORDS_OF_REFUSAL = ['audit_events', 'audit_head', 'throttle_counters', 'rate_windows']

/** What takes a password or code: a guess too many is refused and mails the member, so a job is a record too. */
const GUESSED = new Set([
  'login',
  'loginJson',
  'twoFactorLogin',
  'verifyTwoFactor',
  'disableTwoFactor',
  'reauthenticate',
  'changePassword',
])

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
    const spared = new Set([...RECORDS_OF_REFUSAL, ...(GUESSED.has(operation.id) ? ['jobs'] : [])])
    const complain = (complaint: string) => complaints.push(`${operation.id}, ${who}: ${complaint}`)
    const sent = await sendInBatches(variants, { ...options, spared, complain })
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

interface BatchOptions extends FuzzOptions {
  /** Tables that a refusal may change. */
  readonly spared: ReadonlySet<string>
  readonly complain: (complaint: string) => void
}

/**
 * Whether nothing may have come of it. A request that does not say how long its body is ends before the body (RFC 9112,
 * section 6.3): where the body may be left out it is done, and only what follows it is refused.
 */
const isRefused = ({ label, answer }: Sent): boolean =>
  label !== 'no length' && (answer.status === 0 || answer.status >= 400)

/** Sends all; where every request of a batch was refused, nothing stored may have changed. The others are sent once more. */
async function sendInBatches(
  variants: readonly Variant[],
  { app, rows, spared, complain }: BatchOptions,
): Promise<Sent[]> {
  const sent: Sent[] = []
  const refusedAmongOthers: Variant[] = []
  let latest: Record<string, string> | undefined
  const sendBatch = async (batch: readonly Variant[]) => {
    const before = latest ?? (await rows.snapshot(spared))
    latest = undefined
    const answers = await sendAll(app.url, batch)
    const refused = answers.filter(isRefused)
    if (refused.length < answers.length) return { answers, refused }
    const after = await rows.snapshot(spared)
    latest = after
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
