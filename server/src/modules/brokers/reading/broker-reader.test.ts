import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { AppError } from '../../../platform/errors.ts'
import { type BrokerAnswer, type VaultClient, vaultErrors } from '../../vault/index.ts'
import { alpacaAdapter } from '../adapters/alpaca/alpaca-adapter.ts'
import { BrokerReader } from './broker-reader.ts'

type Use = VaultClient['use']
interface Sent {
  readonly status?: number
  readonly headers?: Record<string, string>
  readonly body?: string | Readable
  readonly outcome?: BrokerAnswer['outcome']
}

const answer = ({ status = 200, headers = {}, body = '[]', outcome = 'ok' }: Sent = {}): BrokerAnswer => ({
  ...{ status, headers, outcome },
  body: typeof body === 'string' ? Readable.from([Buffer.from(body)]) : body,
})
const fails: Use = async () => {
  throw vaultErrors.brokerUnreachable()
}
const hangs: Use = () => new Promise<never>(() => undefined)

/** A reader over a vault that answers in turn; the last answer repeats. */
function setting(...turns: readonly (Sent | Use)[]) {
  const clock = { ms: 1_800_000_000_000 }
  const used: Parameters<Use>[0][] = []
  const waits: number[] = []
  const deadlines: AbortController[] = []
  const reader = new BrokerReader({
    vault: {
      use(claims, request, signal) {
        const turn = turns[Math.min(used.length, turns.length - 1)] ?? {}
        used.push(claims)
        return typeof turn === 'function' ? turn(claims, request, signal) : Promise.resolve(answer(turn))
      },
    },
    now: () => clock.ms,
    timing: {
      random: () => 0.5,
      async wait(ms) {
        waits.push(ms)
      },
      deadline() {
        const deadline = new AbortController()
        deadlines.push(deadline)
        return deadline.signal
      },
      budgetMs: 9_500,
    },
  })
  const order = (name = 'a', who: { owner?: string; sessionId?: string; address?: string } = {}) => ({
    read: alpacaAdapter.positions(),
    adapter: alpacaAdapter,
    key: name,
    host: 'https://broker.example',
    by: {
      owner: who.owner ?? `owner of ${name}`,
      credential: name,
      actor: { sessionId: who.sessionId ?? 's', address: who.address ?? '203.0.113.1' },
    },
  })
  const read = (name?: string, who?: Parameters<typeof order>[1]) => reader.read(order(name, who))
  const refusal = (name?: string): Promise<AppError> =>
    read(name).then(
      () => {
        throw new Error('It was read.')
      },
      (error: AppError) => error,
    )
  const expire = () => deadlines.at(-1)?.abort()
  return { clock, used, waits, reader, order, read, refusal, expire }
}

describe('reads', () => {
  it('asks once with GET, for the purpose, and nothing else', async () => {
    const { read, used } = setting()
    expect(await read()).toMatchObject({ kind: 'read', value: [] })
    expect(used).toEqual([
      {
        ...{
          owner: 'owner of a',
          credential: 'a',
          actor: { sessionId: 's', address: '203.0.113.1' },
          purpose: 'positions',
        },
        ...{ method: 'GET', path: '/v2/positions', query: '' },
      },
    ])
  })

  it.each([
    ['silence', fails],
    ['a failure of the host', { status: 500, outcome: 'unreachable' }],
    ['a page', { body: '<html></html>', outcome: 'unreachable' }],
    ['half an answer', { body: '[{"asset_id":' }],
    ['bytes that are no text', { body: Readable.from([Buffer.from([0x5b, 0xff, 0x5d])]) }],
    ['a body that breaks off', { body: Readable.from(broken()) }],
  ] satisfies [string, Sent | Use][])(
    'tries twice more after %s, with jitter between',
    async (_what, turn) => {
      const patient = setting(turn, turn, {})
      expect(await patient.read()).toMatchObject({ kind: 'read' })
      expect(patient.waits).toEqual([150, 300])
      const hopeless = setting(turn)
      const { code, status, headers } = await hopeless.refusal()
      expect([code, status, headers]).toEqual(['brokers.broker_unreachable', 503, { 'retry-after': '60' }])
      expect(hopeless.used).toHaveLength(3)
    },
  )

  it('takes 8 MiB and not a byte more', async () => {
    const listOf = (bytes: number) => `[${' '.repeat(bytes - 2)}]`
    const fits = setting({ body: listOf(8 * 1024 * 1024) })
    expect(await fits.read()).toMatchObject({ kind: 'read' })
    const endless = setting({ body: listOf(8 * 1024 * 1024 + 1) })
    expect((await endless.refusal()).code).toBe('brokers.broker_unreachable')
  })

  it.each([
    ['401', { status: 401, outcome: 'rejected' }],
    ['403', { status: 403, outcome: 'rejected' }],
    ['403 for what the key may not do', { status: 403, outcome: 'ok' }],
    ['401 of the other environment', { status: 401, outcome: 'wrong_environment' }],
  ] satisfies [string, Sent][])(
    'says of a %s that the key is refused, and does not insist',
    async (_what, turn) => {
      const { refusal, used } = setting(turn)
      const { code, status } = await refusal()
      expect([code, status, used.length]).toEqual(['brokers.broker_rejected', 409, 1])
    },
  )

  it('reads the account of a blocked key', async () => {
    const { read } = setting({ outcome: 'blocked' })
    expect(await read()).toMatchObject({ kind: 'read' })
  })

  it.each([404, 422, 400])('hands on that the broker refused what was asked with %i', async (status) => {
    const { read, used } = setting({ status, body: '{"message":"secret words"}' })
    expect(await read()).toEqual({ kind: 'refused', status })
    expect(used).toHaveLength(1)
  })

  it.each([
    vaultErrors.credentialNotFound(),
    vaultErrors.credentialInactive(),
    vaultErrors.credentialUnreadable(),
    vaultErrors.unavailable(),
  ])('throws what the vault refuses as it is, once: $code', async (error) => {
    const { refusal, used } = setting(async () => {
      throw error
    })
    for (let time = 1; time < 10; time++) {
      expect(await refusal()).toBe(error)
      expect(used).toHaveLength(time)
    }
  })

  it('gives up when its time is over, also on a vault that does not listen', async () => {
    const { refusal, expire, used } = setting(hangs)
    const pending = refusal()
    expire()
    expect((await pending).code).toBe('brokers.broker_unreachable')
    expect(used).toHaveLength(1)
  })

  it('gives up on a body that never ends, and lets go of it', async () => {
    const reading = Promise.withResolvers<void>()
    const body = new Readable({ read: () => reading.resolve() })
    const { refusal, expire } = setting({ body })
    const pending = refusal()
    body.push('[')
    await reading.promise
    expire()
    expect((await pending).code).toBe('brokers.broker_unreachable')
    expect(body.destroyed).toBe(true)
  })
})

describe('limits', () => {
  it('are waited for without asking, with the seconds that are left, and only by that key', async () => {
    const { clock, refusal, read, used } = setting({ status: 429, headers: { 'retry-after': '20' } }, {})
    const first = await refusal()
    expect([first.code, first.status, first.headers]).toEqual([
      'brokers.broker_rate_limited',
      429,
      { 'retry-after': '20' },
    ])
    clock.ms += 5_500
    expect((await refusal()).headers).toEqual({ 'retry-after': '15' })
    expect(used).toHaveLength(1)
    expect(await read('b')).toMatchObject({ kind: 'read' })
    clock.ms += 14_500
    expect(await read()).toMatchObject({ kind: 'read' })
  })

  it('are believed when a good answer says that nothing is left', async () => {
    const reset = 1_800_000_030
    const { read, refusal, used } = setting({
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': `${reset}` },
    })
    await read()
    const { status, headers, message } = await refusal()
    expect([status, headers]).toEqual([429, { 'retry-after': '30' }])
    expect(message).toContain('30 seconds')
    expect(used).toHaveLength(1)
  })
})

describe('breakers', () => {
  it('stop asking after five failed reads of a key, and say for how long', async () => {
    const { clock, refusal, used } = setting(fails)
    for (let time = 0; time < 5; time++) await refusal()
    expect(used).toHaveLength(15)
    clock.ms += 12_000
    const { status, headers } = await refusal()
    expect([status, headers]).toEqual([503, { 'retry-after': '18' }])
    expect(used).toHaveLength(15)
  })

  it('let sixteen reads of a key run at once, however long they take, and other keys as well', async () => {
    const { reader, order, used, refusal } = setting(hangs)
    const distinct = (n: number) => ({ ...order('a', { sessionId: `${n}` }) })
    for (let n = 0; n < 16; n++) reader.read(distinct(n)).catch(() => undefined)
    const { status, headers } = await refusal('a')
    expect([status, headers]).toEqual([429, { 'retry-after': '1' }])
    reader.read(order('b')).catch(() => undefined)
    expect(used.map(({ credential }) => credential)).toEqual([...Array(16).fill('a'), 'b'])
  })
})

describe('the same read at the same moment', () => {
  it('is shared, and done anew afterwards', async () => {
    const { read, used } = setting()
    const both = await Promise.all([read(), read(), read()])
    expect(both.map(({ kind }) => kind)).toEqual(['read', 'read', 'read'])
    expect(used).toHaveLength(1)
    await read()
    expect(used).toHaveLength(2)
  })

  it('shares its failure too, which counts once', async () => {
    const { refusal, used } = setting({ status: 401, outcome: 'rejected' })
    const codes = (await Promise.all([refusal(), refusal()])).map(({ code }) => code)
    expect(codes).toEqual(['brokers.broker_rejected', 'brokers.broker_rejected'])
    expect(used).toHaveLength(1)
  })

  it('is never shared across credentials, owners, or those who act for them', async () => {
    const { read, used } = setting()
    await Promise.all([
      read('a'),
      read('b'),
      read('a', { owner: 'somebody else' }),
      read('a', { sessionId: 'another' }),
      read('a', { address: '203.0.113.2' }),
    ])
    expect(used).toHaveLength(5)
  })
})

async function* broken() {
  yield Buffer.from('[')
  throw new Error('The connection broke.')
}
