import { expect, it } from 'vitest'
import { ASSETS, findAsset } from './assets.ts'
import { decimal } from './decimal.ts'
import { createPrices } from './prices.ts'

const MONDAY = Date.parse('2026-06-15T14:30:00Z')
const [AAPL] = ASSETS

it('gives the same price for the same seed and minute, and another for another', () => {
  expect(createPrices('a').at(AAPL, MONDAY)).toBe(createPrices('a').at(AAPL, MONDAY + 59_999))
  expect(createPrices('a').at(AAPL, MONDAY)).not.toBe(createPrices('b').at(AAPL, MONDAY))
  expect(createPrices('a').at(AAPL, MONDAY)).not.toBe(createPrices('a').at(AAPL, MONDAY + 86_400_000))
})

it('stays within a third of where it began, to the cent', () => {
  const prices = createPrices('a')
  for (const asset of ASSETS) {
    for (let week = 0; week < 200; week += 1) {
      const cents = prices.at(asset, MONDAY + week * 604_800_000) / decimal('0.01')
      expect(Math.abs(Number(cents) / asset.baseCents - 1)).toBeLessThan(0.34)
      expect(prices.at(asset, MONDAY) % decimal('0.01')).toBe(0n)
    }
  }
})

it('keeps the close of stocks over a weekend, while crypto moves on', () => {
  const prices = createPrices('a')
  const bitcoin = findAsset('BTCUSD')
  const [saturday, sunday] = [Date.parse('2026-06-13T15:00:00Z'), Date.parse('2026-06-14T15:00:00Z')]
  expect(prices.at(AAPL, saturday)).toBe(prices.at(AAPL, sunday))
  expect(bitcoin && prices.at(bitcoin, saturday)).not.toBe(bitcoin && prices.at(bitcoin, sunday))
})

it('costs what was set from that moment on, and what it cost before it', () => {
  const prices = createPrices('a')
  const before = prices.at(AAPL, MONDAY - 60_000)
  prices.set(AAPL, decimal('1.23'), MONDAY)
  expect(prices.at(AAPL, MONDAY)).toBe(decimal('1.23'))
  expect(prices.at(AAPL, MONDAY + 1e9)).toBe(decimal('1.23'))
  expect(prices.at(AAPL, MONDAY - 60_000)).toBe(before)
})
