import { expect, it } from 'vitest'
import { brokerReading, impatient, testClosedRead } from '../../../testing/broker-reads.ts'
import { credentialEntries, forEachVaultApp } from '../../../testing/factories-vault.ts'

forEachVaultApp('GET /credentials/{id}/account-data', { brokerTiming: impatient }, (on) => {
  testClosedRead(on, 'account')
  const { withKey, read } = brokerReading(on)

  it.each(['paper', 'live'] as const)(
    'reads the figures of a %s account as the broker has them',
    async (kind) => {
      const key = await withKey(kind)
      const { status, body } = await read('account', key)
      expect(status).toBe(200)
      const sent = await fetch(`${on.broker[kind].url}/v2/account`, {
        headers: { 'apca-api-key-id': key.keyId, 'apca-api-secret-key': key.secret },
      })
      const account = (await sent.json()) as Record<string, unknown>
      expect(body).toEqual({
        account_type: kind,
        balance: account.cash,
        equity: account.equity,
        buying_power: account.buying_power,
        currency: 'USD',
        trading_blocked: false,
        account_blocked: false,
        pattern_day_trader: false,
        daytrade_count: account.daytrade_count,
        last_updated: on.app.clock.now().toISOString(),
        credential_id: key.id,
      })
    },
  )

  it('writes down who used which key for what, before and after', async () => {
    const { member, id } = await withKey()
    await read('account', { member, id })
    const [used] = await credentialEntries(on.app, id, 'credential.used')
    expect(used).toMatchObject({ actor_id: member.id, result: 'ok', address: '127.0.0.1' })
    expect(JSON.stringify(used?.details)).toContain('/v2/account')
    await expect.poll(() => credentialEntries(on.app, id, 'credential.use_ended')).toHaveLength(1)
  })

  it.each([
    ['blocked', { trading_blocked: true, account_blocked: true }],
    ['trading_blocked', { trading_blocked: true, account_blocked: false }],
    ['suspended', { trading_blocked: false, account_blocked: false }],
    ['pattern_day_trader', { pattern_day_trader: true, trading_blocked: false }],
    ['onboarding', { trading_blocked: true }],
  ])('says how an account stands that is %s', async (standing, said) => {
    const key = await withKey()
    await read('account', key)
    on.broker.controls.account({ environment: 'paper', keyId: key.keyId, standing })
    const { status, body } = await read('account', key)
    expect(status).toBe(200)
    expect(body).toMatchObject(said)
  })
})
