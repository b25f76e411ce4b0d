import { Type } from 'typebox'
import type { BrokerRead, Position } from '../adapter.ts'
import { bodyReader, figure, orNull, perhaps, word } from '../fields.ts'

const optional = perhaps(figure)

/** What is used of one entry of `GET /v2/positions`. */
const AlpacaPosition = Type.Object({
  asset_id: word,
  symbol: word,
  exchange: perhaps(word),
  asset_class: word,
  side: Type.Enum(['long', 'short']),
  qty: figure,
  qty_available: optional,
  avg_entry_price: optional,
  current_price: optional,
  lastday_price: optional,
  change_today: optional,
  market_value: optional,
  cost_basis: optional,
  unrealized_pl: optional,
  unrealized_plpc: optional,
  unrealized_intraday_pl: optional,
  unrealized_intraday_plpc: optional,
})

const parse = bodyReader(Type.Array(AlpacaPosition), (positions) =>
  positions.map(
    (position): Position => ({
      asset_id: position.asset_id,
      symbol: position.symbol,
      exchange: position.exchange ?? '',
      asset_class: position.asset_class,
      side: position.side,
      qty: position.qty,
      qty_available: orNull(position.qty_available),
      avg_entry_price: orNull(position.avg_entry_price),
      current_price: orNull(position.current_price),
      lastday_price: orNull(position.lastday_price),
      change_today: orNull(position.change_today),
      market_value: orNull(position.market_value),
      cost_basis: orNull(position.cost_basis),
      unrealized_pl: orNull(position.unrealized_pl),
      unrealized_plpc: orNull(position.unrealized_plpc),
      unrealized_intraday_pl: orNull(position.unrealized_intraday_pl),
      unrealized_intraday_plpc: orNull(position.unrealized_intraday_plpc),
    }),
  ),
)

/** Everything that is held, of every class of assets. */
export const alpacaPositions: BrokerRead<readonly Position[]> = {
  purpose: 'positions',
  path: '/v2/positions',
  query: '',
  parse,
}
