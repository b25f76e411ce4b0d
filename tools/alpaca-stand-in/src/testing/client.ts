import type { Static, TSchema } from 'typebox'
import { Value } from 'typebox/value'
import type { StandIn } from '../index.ts'
import { Account, Order, Orders, Position, Positions, Refusal } from './schemas.ts'

export type Reply = { status: number; headers: Headers; json: unknown }

export type Client = ReturnType<typeof createClient>

/** The value, when it is what the vendor documents; else a failure that says where it is not. */
export function checked<S extends TSchema>(schema: S, value: unknown): Static<S> {
  if (Value.Check(schema, value)) return value
  const [first] = Value.Errors(schema, value)
  throw new Error(`${first?.instancePath} ${first?.message} in ${JSON.stringify(value)}`)
}

/** A caller with a key. Everything it reads was checked against the vendor's documented answers. */
export function createClient(
  standIn: StandIn,
  { environment = 'paper', keyId, secret = 'fake-secret-1' }: Partial<Key> & { keyId: string },
) {
  const { url } = standIn[environment]
  const headers = { 'APCA-API-KEY-ID': keyId, 'APCA-API-SECRET-KEY': secret }
  const send = async (method: string, path: string, body?: unknown): Promise<Reply> => {
    const init = body === undefined ? {} : { body: JSON.stringify(body) }
    const response = await fetch(`${url}${path}`, { method, headers, ...init, redirect: 'manual' })
    const text = await response.text()
    return { status: response.status, headers: response.headers, json: text === '' ? null : JSON.parse(text) }
  }
  const get = async <S extends TSchema>(path: string, schema: S): Promise<Static<S>> => {
    const { status, json } = await send('GET', path)
    if (status !== 200) throw new Error(`GET ${path} answered ${status}: ${JSON.stringify(json)}`)
    return checked(schema, json)
  }
  return {
    keyId,
    environment,
    send,
    get,
    account: () => get('/v2/account', Account),
    positions: () => get('/v2/positions', Positions),
    position: (symbol: string) => get(`/v2/positions/${symbol}`, Position),
    orders: (query = '') => get(`/v2/orders?${query}`, Orders),
    order: (id: string) => get(`/v2/orders/${id}`, Order),
    async place(terms: object) {
      const { status, json } = await send('POST', '/v2/orders', terms)
      if (status !== 200) throw new Error(`The order was refused: ${JSON.stringify(json)}`)
      return checked(Order, json)
    },
    /** Sends what is to be refused, and gives the status with the body. */
    async refused(method: string, path: string, body?: unknown) {
      const { status, json } = await send(method, path, body)
      return { status, ...checked(Refusal, json) }
    },
  }
}

type Key = { environment: 'paper' | 'live'; keyId: string; secret: string }
