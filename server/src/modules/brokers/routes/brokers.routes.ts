import { type BoundRoute, bindRoutes } from '../../../platform/http/route.ts'
import type { BrokersServices } from '../brokers.services.ts'
import { readAccountDataRoute } from './read-account-data.route.ts'
import { readHistoryRoute } from './read-history.route.ts'
import { readOrdersRoute } from './read-orders.route.ts'
import { readPositionsRoute } from './read-positions.route.ts'

/** The routes of this module by the names of their contract. */
export function brokersRoutes(services: BrokersServices): BoundRoute[] {
  return bindRoutes(services, {
    readAccountData: readAccountDataRoute,
    readPositions: readPositionsRoute,
    readOrders: readOrdersRoute,
    readHistory: readHistoryRoute,
  })
}
