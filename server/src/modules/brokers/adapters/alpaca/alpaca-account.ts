import { Type } from 'typebox'
import type { AccountFigures, BrokerRead } from '../adapter.ts'
import { bodyReader, count, figure, perhaps, word } from '../fields.ts'

/** What is used of `GET /v2/account`. */
const Account = Type.Object({
  cash: figure,
  equity: figure,
  buying_power: figure,
  currency: word,
  trading_blocked: Type.Boolean(),
  account_blocked: Type.Boolean(),
  pattern_day_trader: perhaps(Type.Boolean()),
  daytrade_count: perhaps(count),
})

const parse = bodyReader(
  Account,
  (account): AccountFigures => ({
    balance: account.cash,
    equity: account.equity,
    buying_power: account.buying_power,
    currency: account.currency,
    trading_blocked: account.trading_blocked,
    account_blocked: account.account_blocked,
    pattern_day_trader: account.pattern_day_trader === true,
    daytrade_count: Number(account.daytrade_count ?? 0),
  }),
)

/** The figures of the account that the key belongs to. */
export const alpacaAccount: BrokerRead<AccountFigures> = {
  purpose: 'account',
  path: '/v2/account',
  query: '',
  parse,
}
