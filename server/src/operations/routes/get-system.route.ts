import { systemContract } from '@outcry/contract/system'
import { defineRoute } from '../../platform/http/route.ts'
import type { OperationsServices } from '../operations.services.ts'

/** Says how the server is doing. */
export const getSystemRoute = defineRoute(systemContract.getSystem, {
  access: { role: 'admin' },
  limit: 'default',
  handle: (_call, { systemFigures }: OperationsServices) => systemFigures(),
})
