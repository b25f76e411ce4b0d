import { notificationStream } from '@outcry/contract/notifications'
import { type BoundEventRoute, bindEventRoute } from '../../../platform/http/event-route.ts'
import { unauthenticated } from '../../../platform/http/http-errors.ts'
import type { LiveStreams } from '../live-streams.ts'

/** Tells a member what changes of theirs, as long as their session stands. */
export function streamRoute(live: LiveStreams): BoundEventRoute {
  return bindEventRoute(
    { name: 'streamNotifications', endpoint: notificationStream, services: { live } },
    {
      access: 'signed-in',
      limit: 'default',
      open({ actor: { id: userId, sessionId }, isResumed }, services) {
        if (sessionId === undefined) throw unauthenticated()
        return (stream) => {
          if (isResumed) stream.send('resync', {})
          services.live.add({
            userId,
            sessionId,
            ended: stream.ended,
            credentialChanged: (id) => stream.send('credential.changed', { credential_id: id }),
            resync: () => stream.send('resync', {}),
            sessionEnded() {
              stream.send('session.ended', {})
              stream.end()
            },
            end: () => stream.end(),
          })
        }
      },
    },
  )
}
