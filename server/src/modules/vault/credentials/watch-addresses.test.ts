import { expect, it, vi } from 'vitest'
import { MINUTE } from '../../../platform/durations.ts'
import {
  credentialEntries,
  forEachVaultApp,
  live,
  newPair,
  storeCredential,
} from '../../../testing/factories-vault.ts'
import { type ActingMember, insertSignedInMember } from '../../../testing/signed-in-rows.ts'
import { startTestApp } from '../../../testing/start-test-app.ts'

const trusting = { env: { OUTCRY_TRUSTED_PROXIES: '127.0.0.1' } }

forEachVaultApp('a live key that is used from a new address', trusting, (on) => {
  const usesOf =
    (id: string, { accessToken: token }: ActingMember) =>
    async (address: string, app = on.app) => {
      const headers = { 'x-forwarded-for': address }
      const answer = await app.send('POST', `/credentials/${id}/validate`, { token, headers })
      expect(answer.status, answer.text).toBe(200)
    }
  const toldOf = ({ email }: ActingMember) =>
    on.app.mail
      .to(email)
      .flatMap(
        ({ text }) => /used from an address[\s\S]* from (\S+)\. It is called “Real”/.exec(text)?.[1] ?? [],
      )
      .sort()
  /** Waits for what is looked at behind the answers. */
  const areTold = (owner: ActingMember, addresses: string[]) =>
    vi.waitFor(async () => {
      await on.app.settle()
      expect(toldOf(owner)).toEqual(addresses)
    })

  it('is told of to its owner, once for each address, also by another node and later', async () => {
    const owner = await insertSignedInMember(on.app)
    const { id } = await storeCredential(on.app, owner, { ...live(), nickname: 'Real' })
    const use = usesOf(id, owner)
    await use('127.0.0.1')
    await Promise.all([use('203.0.113.7'), use('203.0.113.7')])
    await areTold(owner, ['203.0.113.7'])
    on.app.clock.advance(2 * MINUTE)
    const other = await startTestApp({ dialect: on.dialect, beside: on.app })
    await use('203.0.113.7', other)
    await use('2001:db8::1', other)
    await areTold(owner, ['2001:db8::1', '203.0.113.7'])
    await other[Symbol.asyncDispose]()
    on.app.clock.advance(2 * MINUTE)
    await use('2001:db8::2')
    await use('203.0.113.8')
    await areTold(owner, ['2001:db8::1', '203.0.113.7', '203.0.113.8'])
    expect(await credentialEntries(on.app, id, 'credential.used')).toHaveLength(7)
  })

  it('is told of when the broker did not answer, but not when the vault refused', async () => {
    const owner = await insertSignedInMember(on.app)
    const pair = newPair('live')
    const { id } = await storeCredential(on.app, owner, { ...live(), ...pair, nickname: 'Real' })
    const off = await storeCredential(on.app, owner, { ...live(), nickname: 'Real' })
    on.broker.controls.fault({ kind: 'reset', keyId: pair.api_key })
    const token = owner.accessToken
    const statusOf = async (key: string, address: string) => {
      const headers = { 'x-forwarded-for': address }
      return (await on.app.send('POST', `/credentials/${key}/validate`, { token, headers })).status
    }
    expect(await statusOf(id, '203.0.113.21')).toBe(503)
    await on.app.send('PUT', `/credentials/${off.id}`, { token, body: { is_active: false } })
    expect(await statusOf(off.id, '203.0.113.22')).toBe(400)
    await areTold(owner, ['203.0.113.21'])
  })

  it('is not told of for a paper key', async () => {
    const owner = await insertSignedInMember(on.app)
    const paper = await storeCredential(on.app, owner, { nickname: 'Real' })
    const real = await storeCredential(on.app, owner, { ...live(), nickname: 'Real' })
    await usesOf(paper.id, owner)('203.0.113.9')
    await usesOf(real.id, owner)('203.0.113.10')
    await areTold(owner, ['203.0.113.10'])
  })
})
