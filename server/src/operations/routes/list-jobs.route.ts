import { systemContract } from '@outcry/contract/system'
import { defineRoute } from '../../platform/http/route.ts'
import type { OperationsServices } from '../operations.services.ts'
import { whyItFailed } from '../why-it-failed.ts'

/** Lists work that was given up. */
export const listJobsRoute = defineRoute(systemContract.listJobs, {
  access: { role: 'admin' },
  limit: 'default',
  async handle({ query: { skip, limit, cursor } }, { deadJobs }: OperationsServices) {
    const page = { skip, limit, ...(cursor === undefined ? {} : { cursor }) }
    const { items, ...rest } = await deadJobs.list(page)
    return {
      items: items.map(({ id, kind, attempts, last_error, created_at, dead_at }) => ({
        ...{ id, kind, attempts, error: whyItFailed(last_error), created_at },
        dead_at: dead_at ?? created_at,
      })),
      ...rest,
    }
  },
})
