import { Type } from 'typebox'
import { defineEvent } from '../../platform/jobs/events.ts'

/** An account is gone for good. Whoever keeps something that belongs to the member destroys it or takes the name off. */
export const userDeleted = defineEvent('accounts.user_deleted', Type.Object({ user_id: Type.String() }))
