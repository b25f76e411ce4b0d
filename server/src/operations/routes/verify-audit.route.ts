import { succeeded } from '@outcry/contract/conventions'
import { systemContract } from '@outcry/contract/system'
import { defineRoute } from '../../platform/http/route.ts'
import type { OperationsServices } from '../operations.services.ts'
import { operatorIn } from './operator-in.ts'

/** Has the audit log verified behind the answer. */
export const verifyAuditRoute = defineRoute(systemContract.verifyAudit, {
  access: { role: 'admin', fresh: true },
  limit: 'default',
  async handle(call, { verification }: OperationsServices) {
    const isNew = await verification.start(operatorIn(call))
    return succeeded(isNew ? 'The audit log is being verified.' : 'The audit log is being verified already.')
  },
})
