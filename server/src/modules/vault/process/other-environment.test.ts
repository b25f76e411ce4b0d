import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createAudit } from '../../../platform/audit/audit.ts'
import { createUuidv7 } from '../../../platform/crypto/uuid.ts'
import type { BrokerDouble } from '../../../testing/broker-double.ts'
import { fixedClock } from '../../../testing/fixed-clock.ts'
import { type Owned, type VaultSetting, vaultSetting } from '../../../testing/vault-setting.ts'

const TRIED = { purpose: 'validate', path: '/v2/account', query: '' }
/** Longer than any test may take: what ends sooner was cut. */
const probeMs = 60_000

/** Has it answer with this from now on. */
function answering(double: BrokerDouble, status: number, body = '{}') {
  double.answer((_request, response) => response.writeHead(status).end(body))
}

describe.each(['sqlite', 'postgres'] as const)('the other environment of a stored key on %s', (dialect) => {
  let on: VaultSetting
  let hasty: VaultSetting
  /** What an entry of the hasty one waits for, and is lost over when that comes. */
  let meanwhile: Promise<void> | undefined
  beforeAll(async () => {
    const clock = fixedClock()
    const log = createAudit({ clock, newId: createUuidv7(clock) })
    const audit: typeof log = {
      ...log,
      async recordDecided(tx, decide) {
        await meanwhile
        await log.recordDecided(tx, decide)
      },
    }
    on = await vaultSetting(dialect, { times: { probeMs } })
    hasty = await vaultSetting(dialect, { audit, times: { probeMs, totalMs: 1_000 } })
  })
  afterAll(async () => {
    await on[Symbol.asyncDispose]()
    await hasty[Symbol.asyncDispose]()
  })
  beforeEach(() => {
    for (const double of [on.paper, on.live, hasty.paper, hasty.live]) {
      double.received.length = 0
      double.recover()
    }
  })
  const entriesOf = async (setting: VaultSetting, key: Owned) =>
    (await setting.events(key)).map(({ action, details: { purpose, outcome, host } }) =>
      [action, purpose, outcome, host].filter((fact) => fact !== undefined).join(' '),
    )
  /** Uses a key and reads the answer to its end. */
  const use = async (setting: VaultSetting, key: Owned, claims: object = TRIED) => {
    const { status, outcome, body } = await setting.use(key, claims)
    await text(body)
    return [status, outcome]
  }

  it('is asked when its owner has a rejected key tried, once the log names that host', async () => {
    const key = await on.store()
    answering(on.paper, 401)
    let before: string[] = []
    on.live.answer((_request, response) => {
      void entriesOf(on, key).then((entries) => {
        before = entries
        response.end('{"account_number":"A1"}')
      })
    })
    expect(await use(on, key)).toEqual([401, 'wrong_environment'])
    const { host } = on.live.url
    const begun = ['credential.used validate', `credential.used elsewhere ${host}`]
    expect(before).toEqual(begun)
    expect(on.live.received).toMatchObject([{ method: 'GET', url: '/v2/account' }])
    await expect
      .poll(() => entriesOf(on, key))
      .toEqual([
        ...begun,
        `credential.use_ended elsewhere ok ${host}`,
        'credential.use_ended validate wrong_environment',
      ])
    const facts = { actor_id: key.owner, address: '203.0.113.9', request_id: 'r-1' }
    for (const entry of await on.events(key)) expect(entry).toMatchObject(facts)
    await expect
      .poll(() => on.row(key))
      .toMatchObject({ rejections: 1, last_validation: 'wrong_environment' })
  })

  it.each<[string, object]>([
    ['a read of positions', { purpose: 'positions', method: 'GET' }],
    ['the lookup of an order', { purpose: 'order', method: 'GET', path: '/v2/orders' }],
    ['a program that reads', { purpose: 'gateway', method: 'GET', path: '/v2/account' }],
    ['a program that places an order', { purpose: 'gateway', method: 'POST', path: '/v2/orders' }],
  ])('hears nothing of a rejected key for %s', async (_what, claims) => {
    for (const [status, body] of [
      [401, '{"code":40110000,"message":"request is not authorized"}'],
      [403, '{"message":"forbidden."}'],
    ] as const) {
      const key = await on.store()
      answering(on.paper, status, body)
      expect(await use(on, key, claims)).toEqual([status, 'rejected'])
      await expect.poll(() => on.row(key)).toMatchObject({ rejections: 1, last_validation: 'rejected' })
      await expect.poll(() => on.events(key)).toHaveLength(2)
      expect(JSON.stringify(await on.events(key))).not.toContain(on.live.url.host)
    }
    expect(on.live.received).toEqual([])
  })

  it.each([200, 429, 500])('hears nothing of a tried key that is answered with %i', async (status) => {
    const key = await on.store()
    answering(on.paper, status)
    await use(on, key)
    await expect.poll(() => on.events(key)).toHaveLength(2)
    expect(on.live.received).toEqual([])
  })

  it('is let go of when the one who asked has gone, and the key stays rejected', async () => {
    const key = await on.store()
    answering(on.paper, 401)
    const gone = new Promise((resolve) => {
      on.live.answer((_request, response) => void response.once('close', resolve))
    })
    const leaving = new AbortController()
    const asking = on.use(key, TRIED, { signal: leaving.signal })
    await expect.poll(() => on.live.received.length).toBe(1)
    leaving.abort()
    await expect(asking).rejects.toMatchObject({ code: 'vault.unavailable' })
    await gone
    await expect.poll(() => on.row(key)).toMatchObject({ rejections: 1, last_validation: 'rejected' })
    await expect.poll(() => on.events(key)).toHaveLength(4)
  })

  it('has no more time than the use has', async () => {
    const key = await hasty.store()
    answering(hasty.paper, 401, '{"message":"unauthorized."}')
    const gone = new Promise((resolve) => {
      hasty.live.answer((_request, response) => void response.once('close', resolve))
    })
    expect(await use(hasty, key)).toEqual([401, 'rejected'])
    await gone
    const { host } = hasty.live.url
    await expect
      .poll(async () => (await entriesOf(hasty, key)).slice(2))
      .toEqual([
        `credential.use_ended elsewhere unreachable ${host}`,
        'credential.use_ended validate rejected',
      ])
  })

  it('is not asked when the time of the use is over before the log names it', async () => {
    const key = await hasty.store()
    const { promise, resolve } = Promise.withResolvers<void>()
    hasty.paper.answer((_request, response) => {
      meanwhile = promise
      response.writeHead(401).end('{}')
    })
    expect(await use(hasty, key)).toEqual([401, 'rejected'])
    meanwhile = undefined
    resolve()
    await expect
      .poll(() => entriesOf(hasty, key))
      .toEqual(['credential.used validate', 'credential.use_ended validate rejected'])
    expect(hasty.live.received).toEqual([])
  })
})
