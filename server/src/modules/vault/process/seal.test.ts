import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readState } from '../../../platform/state/state.ts'
import type { BrokerDouble } from '../../../testing/broker-double.ts'
import { newPair, type VaultSetting, vaultSetting } from '../../../testing/vault-setting.ts'
import type { SealClaims } from '../protocol/protocol.ts'
import { createVaultLink } from '../vault-link.ts'

const OWNER = '0197c000-0000-7000-8000-000000000001'
const CREDENTIAL = '0197c000-0000-7000-8000-000000000002'
const claims = {
  ...{ owner: OWNER, credential: CREDENTIAL, type: 'alpaca_paper', keyVersion: 1 },
  ...{ validate: true, actor: {} },
}

describe.each(['sqlite', 'postgres'] as const)('sealing a pair on %s', (dialect) => {
  let on: VaultSetting
  beforeAll(async () => {
    on = await vaultSetting(dialect, { times: { probeMs: 300 } })
  })
  afterAll(() => on[Symbol.asyncDispose]())
  beforeEach(() => {
    for (const double of [on.paper, on.live]) {
      double.received.length = 0
      double.recover()
    }
  })
  const counts = () => [on.paper.received.length, on.live.received.length]
  const reject = (double: BrokerDouble) =>
    double.answer((_request, response) => response.writeHead(401).end('{"message":"unauthorized."}'))

  it('tries it at the host of its type alone, once', async () => {
    const pair = newPair()
    const result = await on.client.seal(claims, pair)
    expect(result).toMatchObject({
      outcome: 'ok',
      sealed: { environment: 'paper', keyHint: pair.apiKey.slice(-4) },
    })
    expect(counts()).toEqual([1, 0])
    expect(on.paper.received[0]).toMatchObject({ method: 'GET', url: '/v2/account' })
    expect(on.paper.received[0]?.headers['apca-api-secret-key']).toBe(pair.secretKey)
    for (const bytes of [result.sealed?.apiKey, result.sealed?.secretKey])
      expect(Buffer.from(bytes ?? []).toString('latin1')).not.toMatch(/PKFAKE|fake-secret/)
  })

  it('C59: leaves nothing in the database but what names format, cipher and key', async () => {
    const pair = newPair()
    const row = await on.row(await on.store({ pair }))
    const canary = await readState(on.db, 'vault_key_check')
    for (const stored of [row?.api_key, row?.secret_key, Buffer.from(canary ?? '', 'base64')]) {
      const bytes = Buffer.from(stored ?? [])
      expect(bytes.subarray(0, 7).toString('latin1')).toBe('SEAL\x02\x01\x07')
      for (const secret of Object.values(pair)) expect(bytes.includes(secret)).toBe(false)
    }
  })

  it('asks nobody when the pair is not to be tried', async () => {
    const { outcome, sealed } = await on.client.seal(
      { ...claims, validate: false, type: 'alpaca_live' },
      newPair(),
    )
    expect([outcome, sealed?.environment]).toEqual([undefined, 'live'])
    expect(counts()).toEqual([0, 0])
  })

  it('does not seal what the broker rejects', async () => {
    reject(on.paper)
    reject(on.live)
    expect(await on.client.seal(claims, newPair())).toEqual({ outcome: 'rejected', sealed: undefined })
    expect(counts()).toEqual([1, 1])
  })

  it('says when the other environment takes the pair', async () => {
    reject(on.paper)
    expect(await on.client.seal(claims, newPair())).toEqual({
      outcome: 'wrong_environment',
      sealed: undefined,
    })
    expect(counts()).toEqual([1, 1])
  })

  it('says no more than that it was rejected when the other environment cannot be asked', async () => {
    reject(on.paper)
    on.live.answer((request) => void request.socket.destroy())
    expect(await on.client.seal(claims, newPair())).toEqual({ outcome: 'rejected', sealed: undefined })
  })

  it.each<[string, Parameters<BrokerDouble['answer']>[0]]>([
    ['blocked', (_request, response) => response.end('{"trading_blocked":true}')],
    ['rate_limited', (_request, response) => response.writeHead(429).end()],
    ['unreachable', (_request, response) => response.writeHead(502).end('<html>')],
    ['unreachable', (_request, response) => response.end('no json')],
    ['unreachable', (request) => void request.socket.destroy()],
    ['unreachable', () => undefined],
  ])('seals a pair that the broker calls %s', async (outcome, listener) => {
    on.paper.answer(listener)
    expect(await on.client.seal(claims, newPair())).toMatchObject({
      outcome,
      sealed: { environment: 'paper' },
    })
    expect(counts()).toEqual([1, 0])
  })

  it('gives one pair one fingerprint in one environment, and never the same bytes', async () => {
    const sealed = async (pair = newPair(), type = 'alpaca_paper') => {
      const answer = await on.client.seal({ ...claims, validate: false, type }, pair)
      if (!answer.sealed) throw new Error('The vault did not seal.')
      const { fingerprint, apiKey } = answer.sealed
      return {
        fingerprint: Buffer.from(fingerprint).toString('hex'),
        apiKey: Buffer.from(apiKey).toString('hex'),
      }
    }
    const pair = { apiKey: 'PKFAKEAB', secretKey: 'CDfake' }
    const [one, two] = [await sealed(pair), await sealed(pair)]
    expect(one.fingerprint).toBe(two.fingerprint)
    expect(one.apiKey).not.toBe(two.apiKey)
    const others = [
      await sealed(pair, 'alpaca_live'),
      await sealed({ ...pair, secretKey: 'CDfakf' }),
      await sealed({ apiKey: 'PKFAKEABC', secretKey: 'Dfake' }),
      await sealed({ apiKey: pair.secretKey, secretKey: pair.apiKey }),
    ]
    expect(new Set([one, ...others].map(({ fingerprint }) => fingerprint)).size).toBe(5)
  })

  const frame = (...parts: readonly string[]) =>
    Buffer.concat(
      parts.flatMap((part) => {
        const length = Buffer.alloc(4)
        length.writeUInt32BE(part.length)
        return [length, Buffer.from(part)]
      }),
    )
  it.each([
    ['nothing', Buffer.alloc(0)],
    ['half a pair', frame('PKFAKE')],
    ['three values', frame('a', 'b', 'c')],
    ['an empty value', frame('a', '')],
    ['a length past the end', frame('a', 'b').subarray(0, -1)],
    ['a byte too many', Buffer.concat([frame('a', 'b'), Buffer.of(0)])],
    ['too much', frame('a'.repeat(2_000), 'b')],
  ])('takes no frame of %s', async (_what, body) => {
    const link = createVaultLink({ find: on.app.findVault, clock: on.app.clock })
    const sealing: SealClaims = { operation: 'seal', ...claims, validate: false }
    const answer = await link.send(sealing, { headers: {}, body })
    expect([answer?.statusCode, answer?.headers['x-vault-fault']]).toEqual([400, 'bad_request'])
    await link.close()
  })

  it('knows no type but the registered ones', async () => {
    await expect(on.client.seal({ ...claims, type: 'evil' }, newPair())).rejects.toMatchObject({
      code: 'vault.unavailable',
    })
    expect(counts()).toEqual([0, 0])
  })
})
