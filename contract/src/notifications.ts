import { Type } from 'typebox'
import { uuid } from './conventions.ts'
import type { EventEndpoint } from './endpoint.ts'

/** What a signed-in member is told of while it happens. */
export const notificationStream = {
  path: '/notifications/stream',
  summary: 'Hear at once that something of yours has changed',
  description:
    'An event says what to read again, never what it is now, and one may be lost. After an interruption there is one `resync` in place of what was missed: read everything again that you show. The stream ends after `session.ended`, when you open more than ten, and when the server stops; a browser opens it again by itself.',
  events: {
    'credential.changed': Type.Object(
      { credential_id: uuid },
      {
        description:
          'A broker key of yours was stored, changed, tried with another result, switched off or deleted, or you chose another.',
      },
    ),
    'session.ended': Type.Object({}, { description: 'You are signed out here; nothing comes after it.' }),
    resync: Type.Object({}, { description: 'Events may have been missed; read everything again.' }),
  },
  errors: [],
} as const satisfies EventEndpoint
