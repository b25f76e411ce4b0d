import { ASSETS, type Asset } from './assets.ts'
import { type Decimal, decimal } from './decimal.ts'
import { lastTraded } from './market-hours.ts'
import { hashOf, mixed } from './seeded.ts'

export type Prices = {
  /** What one unit costs at a moment, to the cent. Stocks and options keep their close while the market is shut. */
  at(asset: Asset, ms: number): Decimal
  /** From this moment on the asset costs exactly this, until it is set again. */
  set(asset: Asset, price: Decimal, ms: number): void
  /** Forgets what was set. */
  clear(): void
}

const CENT = decimal('0.01')
const MILLION = 1_000_000

/** Waves that add up to a price's walk: how long each takes in minutes, and how far it swings in millionths. */
const WAVES = [
  { minutes: 90_000, swing: 180_000 },
  { minutes: 11_000, swing: 50_000 },
  { minutes: 1_440, swing: 15_000 },
  { minutes: 60, swing: 4_000 },
  { minutes: 5, swing: 800 },
]

/** Prices that follow from the seed, the symbol and the minute alone. */
export function createPrices(seed: string): Prices {
  const seeds = new Map(ASSETS.map(({ symbol }) => [symbol, hashOf('price', seed, symbol)]))
  const seedOf = ({ symbol }: Asset) => seeds.get(symbol) ?? 0
  const fixed = new Map<string, { ms: number; price: Decimal }[]>()
  return {
    at(asset, ms) {
      const set = fixed.get(asset.symbol)?.findLast((entry) => entry.ms <= ms)
      if (set) return set.price
      const minute = Math.floor((asset.class === 'crypto' ? ms : lastTraded(ms)) / 60_000)
      const seedOfAsset = seedOf(asset)
      let swing = 0
      for (const wave of WAVES) swing += waveAt(wave, minute, seedOfAsset)
      return BigInt(Math.round((asset.baseCents * (MILLION + swing)) / MILLION)) * CENT
    },
    set(asset, price, ms) {
      const others = (fixed.get(asset.symbol) ?? []).filter((entry) => entry.ms !== ms)
      fixed.set(
        asset.symbol,
        [...others, { ms, price }].toSorted((a, b) => a.ms - b.ms),
      )
    },
    clear: () => fixed.clear(),
  }
}

/** A straight line between two levels that follow from the seed; whole millionths. */
function waveAt(wave: { minutes: number; swing: number }, minute: number, seed: number): number {
  const step = Math.floor(minute / wave.minutes)
  const level = (at: number) => (mixed(seed ^ wave.minutes, at) % (2 * wave.swing + 1)) - wave.swing
  const from = level(step)
  return from + Math.trunc(((level(step + 1) - from) * (minute - step * wave.minutes)) / wave.minutes)
}
