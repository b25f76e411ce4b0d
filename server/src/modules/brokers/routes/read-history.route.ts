import { brokersContract } from '@outcry/contract/brokers'
import { defineRoute } from '../../../platform/http/route.ts'
import { secretUseLimit, vaultErrors } from '../../vault/index.ts'
import type { BrokersServices } from '../brokers.services.ts'
import { askerIn } from './asker-in.ts'

/** Reads the equity curve of the broker account behind a credential. */
export const readHistoryRoute = defineRoute(brokersContract.readHistory, {
  access: 'signed-in',
  limit: secretUseLimit,
  scope: 'broker:read',
  notFound: vaultErrors.credentialNotFound,
  async handle(call, { data }: BrokersServices) {
    const { id } = call.params
    const { value, at } = await data.history(askerIn(call, id), call.query)
    return { ...value, credential_id: id, as_of: at }
  },
})
