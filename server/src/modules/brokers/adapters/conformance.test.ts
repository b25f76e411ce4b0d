import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type StandIn, startStandIn } from '../../../../../tools/alpaca-stand-in/src/index.ts'
import { adapters, createProviders } from '../brokers.ts'
import { conformance, type DoRead } from './conformance.ts'

const pairs = {
  alpaca_paper: { apiKey: 'PKFAKECONFORMANCE', secretKey: 'fake-secret-conformance' },
  alpaca_live: { apiKey: 'AKFAKECONFORMANCE', secretKey: 'fake-secret-conformance' },
} as const

let standIn: StandIn
beforeAll(async () => {
  standIn = await startStandIn()
})
afterAll(() => standIn.dispose())

const providers = () =>
  createProviders({ alpacaPaperUrl: new URL(standIn.paper.url), alpacaLiveUrl: new URL(standIn.live.url) })

describe.each(['alpaca_paper', 'alpaca_live'] as const)('the adapter of %s', (type) => {
  const adapter = adapters.get(type)
  if (!adapter) throw new Error('There is no adapter.')
  const doRead: DoRead = async (read) => {
    const provider = providers().find((each) => each.type === type)
    if (!provider) throw new Error('There is no provider.')
    const url = `${provider.origin}${read.path}${read.query}`
    const answer = await fetch(url, { headers: provider.authHeaders(pairs[type]), redirect: 'error' })
    const value = answer.ok ? read.parse(await answer.text()) : undefined
    if (value === undefined) throw new Error(`${read.path} was not read.`)
    return value
  }

  it.each(conformance)('$says', async ({ holds }) => {
    await holds(adapter, doRead)
  })

  it('keeps to it when the broker adds fields', async () => {
    standIn.controls.settings({ areUnknownFieldsAdded: true })
    for (const { holds } of conformance) await holds(adapter, doRead)
    standIn.controls.settings({ areUnknownFieldsAdded: false })
  })
})

it('knows one provider and one adapter for each type, and each one its counterpart', () => {
  expect(providers().map(({ type }) => type)).toEqual([...adapters.keys()])
  for (const { type, counterpart } of providers()) {
    const other = providers().find((each) => each.type === counterpart)
    expect(other?.counterpart).toBe(type)
    expect(other?.environment).not.toBe(providers().find((each) => each.type === type)?.environment)
  }
})
