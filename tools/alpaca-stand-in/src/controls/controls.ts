import { Type } from 'typebox'
import { STANDINGS } from '../accounts/standing.ts'
import { FaultOrder } from '../http/faults.ts'
import { digestOf, ENVIRONMENTS } from '../http/keys.ts'
import { findAsset } from '../market/assets.ts'
import { type Decimal, parseDecimal } from '../market/decimal.ts'
import { RACES } from '../orders/trading.ts'
import { DELIVERIES } from '../stream/hub.ts'
import type { World } from '../world.ts'
import { command } from './command.ts'

const Environment = Type.Enum(ENVIRONMENTS)
const Amount = Type.String({ description: 'A decimal number as text, such as "12.50".' })
const Key = { environment: Environment, keyId: Type.String() }
const names = <T extends object>(table: T) => Object.keys(table)

const Nothing = Type.Object({}, { additionalProperties: false })
const ClockOrder = Type.Object({
  now: Type.Optional(Type.String({ description: 'RFC 3339, 2026 or later.' })),
  advanceMs: Type.Optional(Type.Integer()),
  isRunning: Type.Optional(Type.Boolean()),
})
const PriceOrder = Type.Object({ symbol: Type.String(), price: Amount })
const SettingsOrder = Type.Object({
  fills: Type.Optional(Type.Enum(['auto', 'manual'])),
  areUnknownFieldsAdded: Type.Optional(Type.Boolean()),
  requestsPerMinute: Type.Optional(Type.Integer({ minimum: 0 })),
})
const KeyOrder = Type.Object({
  ...Key,
  action: Type.Enum(['register', 'revoke', 'restore']),
  secret: Type.Optional(
    Type.String({ description: 'For register: the only secret that is right from now on.' }),
  ),
})
const AccountOrder = Type.Object({
  ...Key,
  standing: Type.String({ description: `One of ${names(STANDINGS).join(', ')}.` }),
})
const RaceOrder = Type.Object({
  ...Key,
  cancel: Type.Optional(Type.Enum(RACES)),
  replace: Type.Optional(Type.Enum(RACES)),
})
const FillOrder = Type.Object({
  ...Key,
  orderId: Type.String(),
  qty: Type.Optional(Amount),
  price: Type.Optional(Amount),
})
const FinishOrder = Type.Object({ ...Key, orderId: Type.String() })
const StreamOrder = Type.Object({ environment: Environment, delivery: Type.Enum(DELIVERIES) })
const ReleaseOrder = Type.Object({ environment: Environment, isReversed: Type.Optional(Type.Boolean()) })
const DropOrder = Type.Object({ environment: Environment, keyId: Type.Optional(Type.String()) })
const StreamErrorOrder = Type.Object({ environment: Environment, message: Type.String() })
const EventOrder = Type.Object({ ...Key, event: Type.Record(Type.String(), Type.Unknown()) })

/** What tests and people can do to the stand-in; the same commands over HTTP and in a program. */
export function createControls(world: World) {
  return { ...marketControls(world), ...accountControls(world), ...streamControls(world) }
}

export type Controls = ReturnType<typeof createControls>

function marketControls(world: World) {
  const { market, faults } = world
  return {
    clock: command(ClockOrder, ({ now, advanceMs, isRunning }) => {
      if (isRunning !== undefined) market.clock.run(isRunning)
      if (now !== undefined) market.clock.set(new Date(now))
      if (advanceMs !== undefined) market.clock.advance(advanceMs)
      return { now: new Date(market.clock.nowMs()).toISOString(), isRunning: market.clock.isRunning }
    }),
    price: command(PriceOrder, ({ symbol, price }) => {
      const asset = findAsset(symbol)
      if (!asset) throw new RangeError(`The stand-in does not trade ${symbol}.`)
      market.prices.set(asset, demandAmount(price), market.clock.nowMs())
      world.settle()
    }),
    settings: command(SettingsOrder, (changes) => {
      Object.assign(market.settings, changes)
      world.settle()
      return { ...market.settings }
    }),
    fault: command(FaultOrder, (order) => faults.add(order)),
    clearFaults: command(Nothing, () => faults.clear()),
    clearLog: command(Nothing, () => world.log.clear()),
    reset: command(Nothing, () => world.reset()),
  }
}

function accountControls({ environments }: World) {
  const accountOf = ({ environment, keyId }: { environment: 'paper' | 'live'; keyId: string }) =>
    environments[environment].accountOf(keyId)
  return {
    key: command(KeyOrder, ({ environment, keyId, action, secret }) => {
      const { keys } = environments[environment]
      if (action === 'revoke') keys.revoke(keyId)
      if (action === 'restore') keys.restore(keyId)
      if (action === 'register' && secret === undefined)
        throw new RangeError('A key is registered with its secret.')
      if (action === 'register') keys.register(keyId, secret ?? '')
    }),
    account: command(AccountOrder, ({ standing, ...key }) => {
      const change = Object.entries(STANDINGS).find(([name]) => name === standing)?.[1]
      if (!change) throw new RangeError(`A standing is one of ${names(STANDINGS).join(', ')}.`)
      Object.assign(accountOf(key).standing, environments[key.environment].goodStandingOf(key.keyId), change)
    }),
    race: command(RaceOrder, ({ cancel, replace, ...key }) => {
      const { race } = accountOf(key).trading
      race.cancel = cancel ?? race.cancel
      race.replace = replace ?? race.replace
    }),
    fill: command(FillOrder, ({ orderId, qty, price, ...key }) =>
      accountOf(key).trading.fill(orderId, {
        qty: qty === undefined ? undefined : demandAmount(qty),
        price: price === undefined ? undefined : demandAmount(price),
      }),
    ),
    finish: command(FinishOrder, ({ orderId, ...key }) => accountOf(key).trading.finish(orderId)),
  }
}

function streamControls({ environments }: World) {
  return {
    stream: command(StreamOrder, ({ environment, delivery }) => {
      environments[environment].hub.delivery = delivery
    }),
    release: command(ReleaseOrder, ({ environment, isReversed = false }) => ({
      released: environments[environment].hub.release({ isReversed }),
    })),
    drop: command(DropOrder, ({ environment, keyId }) => ({
      dropped: environments[environment].hub.drop(keyId),
    })),
    streamError: command(StreamErrorOrder, ({ environment, message }) => {
      const { hub } = environments[environment]
      for (const reader of hub.readers) hub.fail(reader, message)
    }),
    event: command(EventOrder, ({ environment, keyId, event }) =>
      environments[environment].hub.publish(digestOf(keyId), event),
    ),
  }
}

function demandAmount(text: string): Decimal {
  const amount = parseDecimal(text)
  if (amount === undefined) throw new RangeError(`${text} is not a decimal number.`)
  return amount
}
