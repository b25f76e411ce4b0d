import { brokersContract } from '@outcry/contract/brokers'
import { defineRoute } from '../../../platform/http/route.ts'
import { secretUseLimit } from '../../vault/index.ts'
import type { BrokersServices } from '../brokers.services.ts'
import { askerIn } from './asker-in.ts'

/** Reads the orders of the broker account behind a credential. */
export const readOrdersRoute = defineRoute(brokersContract.readOrders, {
  access: 'signed-in',
  limit: secretUseLimit,
  scope: 'broker:read',
  async handle(call, { data }: BrokersServices) {
    const { credential_id, status, limit = 50 } = call.query
    const { value: orders, at } = await data.orders(askerIn(call, credential_id), { status, limit })
    return { orders, total_count: orders.length, credential_id, as_of: at }
  },
})
