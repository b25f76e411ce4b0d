import { expect, it } from 'vitest'
import { brokerReading, impatient, testClosedRead } from '../../../testing/broker-reads.ts'
import { forEachVaultApp } from '../../../testing/factories-vault.ts'

forEachVaultApp('GET /credentials/{id}/history', { brokerTiming: impatient }, (on) => {
  testClosedRead(on, 'history')
  const { withKey, read, calls } = brokerReading(on)

  it.each([
    '?period=0D',
    '?period=1000D',
    '?period=2d',
    '?timeframe=2Min',
    '?period=',
    '?period=1D&timeframe=1d',
  ])('refuses %s without asking the broker', async (more) => {
    const key = await withKey()
    const before = calls()
    const { status, body } = await read('history', key, more)
    expect(status).toBe(422)
    expect(JSON.stringify(body.errors)).toMatch(/query\.(period|timeframe)/)
    expect(calls()).toBe(before)
  })

  it.each(['10D', '2W', '9M', '2A'])('goes %s back', async (period) => {
    const key = await withKey()
    const { status, body } = await read('history', key, `?period=${period}`)
    expect(status).toBe(200)
    expect((body.timestamps as string[]).length).toBeGreaterThan(1)
    expect(on.broker.log.entries().at(-1)).toMatchObject({ query: ['period'] })
  })

  it.each([
    ['period=1A&timeframe=5Min', ['query.period', 'query.timeframe']],
    ['timeframe=1Min', ['query.timeframe']],
  ])('refuses %s, for which the broker has no curve, and names the fields', async (query, paths) => {
    const key = await withKey()
    const { status, body, text } = await read('history', key, `?${query}`)
    expect([status, body.code]).toEqual([422, 'brokers.history_refused'])
    expect(body.errors).toEqual(paths.map((path) => ({ path, message: expect.stringContaining('leave it') })))
    expect(text).not.toContain('only timeframe 1D')
    expect(text).not.toContain('40010001')
  })

  it('reads a curve of texts, parallel and in order', async () => {
    const key = await withKey()
    const { status, body } = await read('history', key, '?period=1M&timeframe=1D')
    expect(status).toBe(200)
    expect(body).toMatchObject({ timeframe: '1D', credential_id: key.id })
    const { timestamps, equity, profit_loss, profit_loss_pct } = body as Record<string, string[]>
    expect(timestamps?.length).toBeGreaterThan(10)
    expect(timestamps).toEqual(timestamps?.toSorted())
    for (const series of [equity, profit_loss, profit_loss_pct]) {
      expect(series).toHaveLength(timestamps?.length ?? 0)
      for (const figure of series ?? []) expect(figure).toMatch(/^-?\d+(\.\d+)?$/)
    }
    expect(body.base_value).toMatch(/^\d+(\.\d+)?$/)
  })

  it('lets the broker choose what is left out', async () => {
    const key = await withKey()
    expect((await read('history', key)).body.timeframe).toBe('1D')
    expect((await read('history', key, '?period=1D')).body.timeframe).toBe('1Min')
    const [, last] = on.broker.log.entries().slice(-2)
    expect(last?.query).toEqual(['period'])
  })

  it('keeps every digit of the broker’s numbers, and its nulls', async () => {
    const key = await withKey()
    const sent =
      '{"timestamp":[1780000000,1780000060],"equity":[0.1,100000.10],"profit_loss":[null,-0.30000000000000004],"profit_loss_pct":[1e-7,null],"base_value":123456789012345678.90,"timeframe":"1Min"}'
    on.broker.controls.fault({
      ...{ kind: 'answer', keyId: key.keyId, times: 1 },
      answer: { status: 200, body: sent },
    })
    expect((await read('history', key)).body).toMatchObject({
      equity: ['0.1', '100000.10'],
      profit_loss: [null, '-0.30000000000000004'],
      profit_loss_pct: ['0.0000001', null],
      base_value: '123456789012345678.90',
    })
  })
})
