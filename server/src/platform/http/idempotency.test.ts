import { defineContract } from '@outcry/contract/endpoint'
import { Type } from 'typebox'
import { describe, expect, it } from 'vitest'
import { notFresh } from './access.ts'
import { httpErrors } from './http-errors.ts'
import type { IdempotencyClaim, IdempotencyStore, StoredAnswer } from './idempotency.ts'
import { bindRoutes, defineRoute } from './route.ts'
import { startTestServer } from './testing/test-server.ts'

const contract = defineContract({
  pay: {
    method: 'POST',
    path: '/payments',
    summary: 'Pay',
    body: Type.Object({ amount: Type.Integer() }),
    responses: { 201: Type.Object({ number: Type.Integer(), token: Type.Boolean() }) },
    errors: [],
  },
})

/** What the database-backed store does, in memory. */
function memoryStore(): IdempotencyStore {
  const claims = new Map<string, IdempotencyClaim & { answer?: StoredAnswer }>()
  return {
    async begin(claim) {
      const token = `${claim.scope}\n${claim.key}`
      const known = claims.get(token)
      if (known === undefined) {
        claims.set(token, claim)
        return { outcome: 'started', token }
      }
      if (known.request !== claim.request) return { outcome: 'mismatch' }
      return known.answer === undefined
        ? { outcome: 'in-flight' }
        : { outcome: 'replay', answer: known.answer }
    },
    async finish(token, answer) {
      const known = claims.get(token)
      if (known !== undefined) known.answer = answer
    },
    async release(token) {
      claims.delete(token)
    },
  }
}

async function start(
  gate: { wait: Promise<void> } = { wait: Promise.resolve() },
  idempotent: true | 'required' = true,
) {
  const effects: number[] = []
  const pay = defineRoute(contract.pay, {
    access: 'signed-in',
    limit: 'default',
    idempotent,
    async handle({ body, idempotencyToken }) {
      effects.push(body.amount)
      await gate.wait
      if (body.amount === 13) throw httpErrors.unavailable()
      if (body.amount === 41 && effects.length === 1) throw notFresh()
      return { number: effects.length, token: idempotencyToken !== undefined }
    },
  })
  const server = await startTestServer({ routes: bindRoutes({}, { pay }), idempotency: memoryStore() })
  server.actors
    .set('a', { id: 'a', role: 'user', status: 'active' })
    .set('b', { id: 'b', role: 'user', status: 'active' })
  const send = (amount: unknown, key?: string, token = 'a') =>
    server.post(
      '/api/v1/payments',
      { amount },
      { authorization: `Bearer ${token}`, ...(key ? { 'idempotency-key': key } : {}) },
    )
  return { effects, send }
}

describe('idempotent routes', () => {
  it('asks again for a proof, and then does what the very same request wants', async () => {
    const { effects, send } = await start()
    expect((await send(41, 'k1')).status).toBe(401)
    const proven = await send(41, 'k1')
    const again = await send(41, 'k1')
    expect([proven.status, again.status, effects]).toEqual([201, 201, [41, 41]])
    expect(again.headers.get('idempotency-replayed')).toBe('true')
  })

  it('C73: gives the stored answer to the same key and body, and runs once', async () => {
    const { effects, send } = await start()
    const first = await send(5, 'k1')
    const again = await send(5, 'k1')
    expect([first.status, again.status]).toEqual([201, 201])
    expect(await again.text()).toBe(await first.text())
    expect(again.headers.get('content-type')).toBe(first.headers.get('content-type'))
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(effects).toEqual([5])
  })

  it('C73: gives the stored answer of a failure too', async () => {
    const { effects, send } = await start()
    const first = await send(13, 'k1')
    const again = await send(13, 'k1')
    expect([first.status, again.status]).toEqual([503, 503])
    expect(again.headers.get('content-type')).toContain('application/problem+json')
    expect(effects).toEqual([13])
  })

  it('C73: refuses the same key with another body', async () => {
    const { effects, send } = await start()
    await send(5, 'k1')
    expect((await send(6, 'k1')).status).toBe(422)
    expect(effects).toEqual([5])
  })

  it('C73: answers 409 while the first still runs', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { effects, send } = await start({ wait: promise })
    const first = send(5, 'k1')
    const others = await Promise.all(Array.from({ length: 10 }, () => send(5, 'k1')))
    resolve()
    const statuses = [...others, await first].map(({ status }) => status)
    expect(statuses.filter((status) => status === 409).length).toBeGreaterThanOrEqual(10)
    expect(effects).toEqual([5])
  })

  it('C73: keeps the keys of owners apart, and stores nothing for a refused request', async () => {
    const { effects, send } = await start()
    expect((await send('x', 'k1')).status).toBe(422)
    expect((await send(5, 'k1')).status).toBe(201)
    expect((await send(5, 'k1', 'b')).status).toBe(201)
    expect(effects).toEqual([5, 5])
  })

  it('C73: takes requests without a key, unless the route requires one, and refuses a malformed key', async () => {
    const { send } = await start()
    expect(await (await send(5)).json()).toEqual({ number: 1, token: false })
    expect((await send(5, 'x'.repeat(256))).status).toBe(422)
    const strict = await start(undefined, 'required')
    expect((await strict.send(5)).status).toBe(422)
  })
})
