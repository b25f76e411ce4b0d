import { queryOptions } from '@tanstack/react-query'
import { api } from '../../../lib/api.ts'
import { answerOf } from '../../../lib/problem.ts'

const FRESH_MS = 15_000
/** The most that the server reads at once. */
const ORDERS_MAX = 500

/** What of a broker account's orders is asked for. */
export type OrderStatus = 'open' | 'closed' | 'all'

/** How far back an equity curve goes. */
export type Period = '1D' | '1W' | '1M' | '3M' | '6M' | '1A' | '5A'

/** How far apart the points of a curve are. */
export const STEP: Record<Period, '5Min' | '1H' | '1D'> = {
  '1D': '5Min',
  '1W': '1H',
  '1M': '1D',
  '3M': '1D',
  '6M': '1D',
  '1A': '1D',
  '5A': '1D',
}

const byId = (id: string, signal: AbortSignal) => ({ params: { path: { id } }, signal })

function readAccount(id: string, signal: AbortSignal) {
  return answerOf(api.GET('/api/v1/credentials/{id}/account-data', byId(id, signal)))
}

function readPositions(credential_id: string, signal: AbortSignal) {
  return answerOf(api.GET('/api/v1/positions', { params: { query: { credential_id } }, signal }))
}

function readOrders(credential_id: string, status: OrderStatus, signal: AbortSignal) {
  const query = { credential_id, status, limit: ORDERS_MAX }
  return answerOf(api.GET('/api/v1/orders', { params: { query }, signal }))
}

function readCurve(id: string, period: Period, signal: AbortSignal) {
  const query = { period, timeframe: STEP[period] }
  return answerOf(api.GET('/api/v1/credentials/{id}/history', { params: { path: { id }, query }, signal }))
}

/** The figures of a broker account. */
export type AccountData = Awaited<ReturnType<typeof readAccount>>
/** Something that is held. */
export type Position = Awaited<ReturnType<typeof readPositions>>['positions'][number]
/** An order. */
export type Order = Awaited<ReturnType<typeof readOrders>>['orders'][number]

// Note: the credential's id is part of every key, so that no answer about one is ever shown for another.
const keyOf = (credentialId: string, ...what: readonly string[]) => ['brokers', credentialId, ...what]

/** The figures of the broker account behind a credential. */
export function accountDataQuery(credentialId: string) {
  return queryOptions({
    queryKey: keyOf(credentialId, 'account'),
    staleTime: FRESH_MS,
    queryFn: ({ signal }) => readAccount(credentialId, signal),
  })
}

/** What is held in the broker account behind a credential. */
export function positionsQuery(credentialId: string) {
  return queryOptions({
    queryKey: keyOf(credentialId, 'positions'),
    staleTime: FRESH_MS,
    queryFn: ({ signal }) => readPositions(credentialId, signal),
  })
}

/** The latest five hundred orders of the broker account behind a credential. */
export function ordersQuery(credentialId: string, status: OrderStatus) {
  return queryOptions({
    queryKey: keyOf(credentialId, 'orders', status),
    staleTime: FRESH_MS,
    queryFn: ({ signal }) => readOrders(credentialId, status, signal),
  })
}

/** What the broker account behind a credential was worth. */
export function equityCurveQuery(credentialId: string, period: Period) {
  return queryOptions({
    queryKey: keyOf(credentialId, 'history', period),
    staleTime: 4 * FRESH_MS,
    queryFn: ({ signal }) => readCurve(credentialId, period, signal),
  })
}
