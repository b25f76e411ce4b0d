import type { Audit } from '../../../platform/audit/audit.ts'
import type { Db } from '../../../platform/db/index.ts'
import type { Jobs } from '../../../platform/jobs/jobs.ts'
import { type AdministrationOptions, createAdministration } from './administration.ts'
import { createDecide } from './administrators.ts'
import { createDeleteUser, type DeleteUserOptions } from './delete-user.ts'
import { liftSuspensions } from './lift-suspensions.ts'

export type UserAdministrationOptions = Omit<AdministrationOptions & DeleteUserOptions, 'decide'> & {
  readonly db: Db
  readonly audit: Audit
  readonly jobs: Pick<Jobs, 'repeat'>
}

/** What is decided about accounts: by administrators, by their members for good, and by time. */
export function createUserAdministration(options: UserAdministrationOptions) {
  const decide = createDecide(options)
  liftSuspensions(options.jobs, options)
  return {
    administration: createAdministration({ ...options, decide }),
    deleteUser: createDeleteUser({ ...options, decide }),
  }
}
