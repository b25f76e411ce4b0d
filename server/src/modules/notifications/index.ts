import type { Logger } from '../../platform/log/logger.ts'
import type { Signals } from '../../platform/signals/signals.ts'
import type { Accounts } from '../accounts/index.ts'
import { LiveStreams } from './live-streams.ts'
import { streamRoute } from './routes/stream.route.ts'

/** A credential of a member of which something has changed. */
export interface ChangedCredential {
  readonly userId: string
  readonly credentialId: string
}

/** What this module is built from. It listens to the others; app.ts hands it what they tell. */
export interface NotificationsDependencies {
  readonly accounts: Pick<Accounts, 'sessionWatch'>
  /** Calls back with each change, and with `undefined` when some may have been missed. */
  readonly onCredentialChanged: (react: (change: ChangedCredential | undefined) => void) => void
  readonly signals: Pick<Signals, 'isLive'>
  readonly log: Pick<Logger, 'warn'>
}

/** What members are told. So far: that something has changed, while they look. */
export function createNotifications(dependencies: NotificationsDependencies) {
  const { accounts, onCredentialChanged, signals, log } = dependencies
  const sessions = accounts.sessionWatch
  const live = new LiveStreams({ sessions, signals, log })
  sessions.onMemberChanged((userId) => live.memberChanged(userId))
  onCredentialChanged((change) => (change === undefined ? live.gap() : live.credentialChanged(change)))
  return { eventRoutes: [streamRoute(live)] }
}

export type Notifications = ReturnType<typeof createNotifications>
