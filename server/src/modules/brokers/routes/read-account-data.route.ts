import { brokersContract } from '@outcry/contract/brokers'
import { defineRoute } from '../../../platform/http/route.ts'
import { secretUseLimit, vaultErrors } from '../../vault/index.ts'
import type { BrokersServices } from '../brokers.services.ts'
import { askerIn } from './asker-in.ts'

/** Reads the figures of the broker account behind a credential. */
export const readAccountDataRoute = defineRoute(brokersContract.readAccountData, {
  access: 'signed-in',
  limit: secretUseLimit,
  scope: 'broker:read',
  notFound: vaultErrors.credentialNotFound,
  async handle(call, { data }: BrokersServices) {
    const { id } = call.params
    const { value, environment, at } = await data.account(askerIn(call, id))
    return { ...value, account_type: environment, last_updated: at, credential_id: id }
  },
})
