import { Type } from 'typebox'
import { defineEvent } from '../../platform/jobs/events.ts'

/** A credential will expire in at most so many days; 0: it has. Told once of each. */
export const credentialExpiring = defineEvent(
  'vault.credential_expiring',
  Type.Object({ credential_id: Type.String(), user_id: Type.String(), days_left: Type.Integer() }),
)
