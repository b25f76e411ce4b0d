import { brokersContract } from '@outcry/contract/brokers'
import { defineRoute } from '../../../platform/http/route.ts'
import { secretUseLimit } from '../../vault/index.ts'
import type { BrokersServices } from '../brokers.services.ts'
import { askerIn } from './asker-in.ts'

/** Reads what is held in the broker account behind a credential. */
export const readPositionsRoute = defineRoute(brokersContract.readPositions, {
  access: 'signed-in',
  limit: secretUseLimit,
  scope: 'broker:read',
  async handle(call, { data }: BrokersServices) {
    const { credential_id } = call.query
    const { value: positions, at } = await data.positions(askerIn(call, credential_id))
    return { positions, total_count: positions.length, credential_id, as_of: at }
  },
})
