import type { Tx } from '../../../platform/db/index.ts'
import type { Jobs } from '../../../platform/jobs/jobs.ts'
import type { Signals } from '../../../platform/signals/signals.ts'
import { tellOfChange } from '../vault.jobs.ts'

const TOPIC = 'vault.credential'

/** A credential of which something has changed that its owner sees. */
export interface ChangedCredential {
  readonly userId: string
  readonly credentialId: string
}

/** Notes about changes of credentials, between the processes of an instance. */
export interface CredentialChanges {
  /** To be called in every transaction that changes what an owner sees of a credential, or which one they have chosen. */
  changed(tx: Tx, change: ChangedCredential): void
  /** Calls `react` with each change, made on any node or by the vault process, and with `undefined` as `Signals` does. */
  onChanged(react: (change: ChangedCredential | undefined) => void): void
}

const noteOf = ({ userId, credentialId }: ChangedCredential) => `${userId} ${credentialId}`

function changeIn(note: string): ChangedCredential {
  const [userId = '', credentialId = ''] = note.split(' ')
  return { userId, credentialId }
}

/** The vault process has no way to tell the servers, so it leaves a job, which one of them turns into a note. */
export function createCredentialChanges({
  signals,
  jobs,
}: {
  readonly signals: Signals
  readonly jobs: Pick<Jobs, 'handle'>
}): CredentialChanges {
  jobs.handle(tellOfChange, async ({ payload: { user_id: userId, credential_id: credentialId } }) => {
    signals.publish(TOPIC, noteOf({ userId, credentialId }))
  })
  return {
    changed(tx, change) {
      tx.afterCommit(() => signals.publish(TOPIC, noteOf(change)))
    },
    onChanged(react) {
      signals.subscribe(TOPIC, (note) => react(note === undefined ? undefined : changeIn(note)))
    },
  }
}
