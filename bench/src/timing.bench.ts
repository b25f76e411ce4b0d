import type { Config } from '../../server/src/config/config.ts'
import type { Dialect } from '../../server/src/platform/db/index.ts'
import { temporaryDatabases } from './harness/temporary-databases.ts'
import type { Section, Settings, Topic } from './harness/topic.ts'
import { apiRequest, withConnections } from './http/connection.ts'
import { createInstance } from './http/outcry-server.ts'
import { PASSWORD, type SeededMember, seedMembers } from './http/seed-members.ts'
import { type Comparison, compareAnswers, type Pair } from './timing/compare-answers.ts'
import { lockOut } from './timing/lock-out.ts'

const PAIRS = 500
const QUICK_PAIRS = 100
const WARM_UP_PAIRS = 20
const WRONG = 'incorrect horse battery staple'

interface Seeded {
  readonly members: readonly SeededMember[]
  readonly locked: readonly SeededMember[]
  readonly pending: readonly SeededMember[]
}

/** One question of a stranger: whether an account exists behind a name. */
type Question = (host: string, seeded: Seeded) => readonly Pair[]

const strangerOf = (kind: string, n: number) => `${kind}${String(n).padStart(6, '0')}`

const login = (host: string, identifier: string, password: string) =>
  apiRequest(host, {
    method: 'POST',
    path: '/auth/login/json',
    body: { username_or_email: identifier, password },
  })

const askForMail = (host: string, path: string, email: string) =>
  apiRequest(host, { method: 'POST', path, body: { email } })

// Names are equally long, and none comes twice, so that no request finds a count or a delay that another left behind.
const questions: Readonly<Record<string, Question>> = {
  'sign-in, wrong password': (host, { members }) =>
    members.map(({ username }, n) => ({
      known: login(host, username, WRONG),
      unknown: login(host, strangerOf('nobody_', n), WRONG),
    })),
  'sign-in, locked out': (host, { locked }) =>
    locked.map(({ username }, n) => ({
      known: login(host, username, PASSWORD),
      unknown: login(host, strangerOf('no_one_', n), PASSWORD),
    })),
  'sign-in, wrong password, unverified': (host, { pending }) =>
    pending.map(({ username }, n) => ({
      known: login(host, username, WRONG),
      unknown: login(host, strangerOf('unknown_', n), WRONG),
    })),
  'password reset': (host, { members }) =>
    members.map(({ email }, n) => ({
      known: askForMail(host, '/auth/password-reset', email),
      unknown: askForMail(host, '/auth/password-reset', `${strangerOf('nobody_', n)}@example.test`),
    })),
  'another verification mail': (host, { pending }) =>
    pending.map(({ email }, n) => ({
      known: askForMail(host, '/auth/verify-email/resend', email),
      unknown: askForMail(host, '/auth/verify-email/resend', `${strangerOf('unknown_', n)}@example.test`),
    })),
}

async function compare(dialect: Dialect, { isQuick }: Settings): Promise<[string, Comparison][]> {
  await using cleanup = new AsyncDisposableStack()
  const databases = await temporaryDatabases(dialect)
  cleanup.defer(databases.dispose)
  const count = (isQuick ? QUICK_PAIRS : PAIRS) + WARM_UP_PAIRS
  const seed = async (prepared: Parameters<typeof seedMembers>[0], config: Config): Promise<Seeded> => {
    const make = (prefix: string, isPending: boolean) =>
      seedMembers(prepared, config, { count, prefix, hasPassword: true, isPending })
    const members = await make('member_', false)
    const locked = await make('locked_', false)
    const pending = await make('pending_', true)
    await lockOut(
      prepared,
      locked.map(({ id }) => id),
    )
    return { members, locked, pending }
  }
  const instance = await createInstance(await databases.empty(), seed, { OUTCRY_RATE_LIMITS: 'off' })
  cleanup.defer(instance.dispose)
  const server = await instance.start()
  cleanup.defer(server.stop)
  return await withConnections(server.url, 1, async ([connection]) => {
    if (!connection) throw new Error('There is no connection.')
    const compared: [string, Comparison][] = []
    for (const [name, pairsOf] of Object.entries(questions)) {
      const pairs = pairsOf(instance.config.publicUrl.host, instance.seeded)
      await compareAnswers(connection, pairs.slice(0, WARM_UP_PAIRS))
      compared.push([name, await compareAnswers(connection, pairs.slice(WARM_UP_PAIRS))])
    }
    return compared
  })
}

const rowOf = (engine: string, [name, { known, unknown, test }]: [string, Comparison]) => [
  engine,
  name,
  known.toFixed(2),
  unknown.toFixed(2),
  Math.abs(known - unknown).toFixed(2),
  test.p.toFixed(3),
]

/** Whether a stranger can tell by the time of an answer that a name has an account. */
export const topic: Topic = {
  title: 'Telling names apart by time',
  sampled: ({ isQuick }) =>
    `Medians of ${isQuick ? QUICK_PAIRS : PAIRS} interleaved pairs, after ${WARM_UP_PAIRS} that were not counted.`,
  async run(settings): Promise<Section[]> {
    const rows = [
      ['', 'at most / above', '', '', '5', '0.01'],
      ...(await compare('sqlite', settings)).map((each) => rowOf('sqlite', each)),
      ...(await compare('postgres', settings)).map((each) => rowOf('postgres', each)),
    ]
    return [
      {
        title: 'A name with an account beside one without',
        notes: [
          'One request after another over one connection to bin/outcry serve, whose rate limits are off and lockouts on; known and unknown come first in turns.',
          'Every name is asked once. The answers were compared, too: the same status, headers and body but for date and request id.',
          'Milliseconds. p is that of a two-sided Mann-Whitney test, by the normal approximation with correction for ties: the chance of a difference like this if there is none.',
        ],
        header: ['engine', 'asked', 'known', 'unknown', 'gap', 'p'],
        rows,
      },
    ]
  },
}
