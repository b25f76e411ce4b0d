import { Type } from 'typebox'
import { defineJob } from '../../platform/jobs/job-kind.ts'

/** What the vault process leaves in the database for a server: that a credential has changed. */
export const tellOfChange = defineJob('vault.tell_of_change', {
  payload: Type.Object({ credential_id: Type.String(), user_id: Type.String() }),
})
