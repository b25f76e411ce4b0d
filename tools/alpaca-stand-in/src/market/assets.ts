import { type Decimal, decimal } from './decimal.ts'
import { uuidOf } from './seeded.ts'

export type AssetClass = 'us_equity' | 'us_option' | 'crypto'

export type Asset = {
  id: string
  /** As orders name it; a crypto pair has a slash. */
  symbol: string
  /** As positions name it; a crypto pair has none. */
  positionSymbol: string
  exchange: string
  class: AssetClass
  isMarginable: boolean
  /** Units in one contract: 100 for options, else 1. */
  multiplier: Decimal
  /** The price that the stand-in's prices move about, in cents. */
  baseCents: number
}

const ONE_UNIT = decimal('1')
const CONTRACT = decimal('100')

export const ASSETS: readonly [Asset, ...Asset[]] = [
  stock('AAPL', 'NASDAQ', 212_40),
  stock('MSFT', 'NASDAQ', 431_15),
  stock('NVDA', 'NASDAQ', 124_80),
  stock('AMZN', 'NASDAQ', 186_55),
  stock('JPM', 'NYSE', 205_30),
  stock('KO', 'NYSE', 63_25),
  stock('XOM', 'NYSE', 112_90),
  stock('F', 'NYSE', 11_45),
  stock('SPY', 'ARCA', 561_70),
  {
    ...stock('AAPL271217C00250000', '', 18_35),
    class: 'us_option',
    isMarginable: false,
    multiplier: CONTRACT,
  },
  // The vendor's list of exchanges has no word for crypto; this is what its positions are said to carry.
  {
    ...stock('BTC/USD', 'CRYPTO', 64_250_00),
    positionSymbol: 'BTCUSD',
    class: 'crypto',
    isMarginable: false,
  },
]

/** Finds an asset by id or by either spelling of its symbol. */
export function findAsset(name: string): Asset | undefined {
  return ASSETS.find((asset) => [asset.id, asset.symbol, asset.positionSymbol].includes(name))
}

function stock(symbol: string, exchange: string, baseCents: number): Asset {
  return {
    id: uuidOf('asset', symbol),
    symbol,
    positionSymbol: symbol,
    exchange,
    class: 'us_equity',
    isMarginable: true,
    multiplier: ONE_UNIT,
    baseCents,
  }
}
