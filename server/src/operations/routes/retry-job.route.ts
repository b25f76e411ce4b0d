import { succeeded } from '@outcry/contract/conventions'
import { systemContract } from '@outcry/contract/system'
import { defineRoute } from '../../platform/http/route.ts'
import { operationsErrors } from '../operations.errors.ts'
import type { OperationsServices } from '../operations.services.ts'
import { operatorIn } from './operator-in.ts'

/** Gives work that was given up all its attempts again. */
export const retryJobRoute = defineRoute(systemContract.retryJob, {
  access: { role: 'admin', fresh: true },
  limit: 'default',
  notFound: operationsErrors.jobNotFound,
  async handle(call, { deadJobs }: OperationsServices) {
    await deadJobs.retry(operatorIn(call), call.params.id)
    return succeeded('It is waiting to be done again.')
  },
})
