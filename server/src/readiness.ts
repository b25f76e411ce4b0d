import type { ClockGuard } from './platform/clock-guard.ts'
import type { KeyRing } from './platform/crypto/key-ring.ts'
import type { LiveKeyRing } from './platform/crypto/live-key-ring.ts'
import { type Db, type Migration, migrationStatus } from './platform/db/index.ts'
import { readHistoryOf } from './platform/db/migrate/read-history.ts'
import type { ReadinessCheck } from './platform/http/probes.ts'
import { readState } from './platform/state/state.ts'

export interface ReadinessOptions {
  readonly db: Db
  readonly clockGuard: Pick<ClockGuard, 'isRight'>
  readonly keysFile: Pick<LiveKeyRing<KeyRing>, 'prove'>
  /** Every migration this version has. */
  readonly migrations: readonly Migration[]
}

/**
 * What the server must have to serve, and to start again. Cheap enough for every second: short statements by primary key,
 * a look at the key file, which is read only when it changed, and no answer that is kept.
 */
export function createReadiness(options: ReadinessOptions): readonly ReadinessCheck[] {
  const { db, clockGuard, keysFile, migrations } = options
  return [
    { name: 'database', check: () => db.ping() },
    {
      name: 'migrations',
      async check() {
        const applied = async () => [...(await readHistoryOf(db.asSystem()))]
        // Note: what a newer version applied fails nobody: nodes of this one serve on while they are replaced, and start (R3).
        const [missing] = (await migrationStatus({ applied }, migrations)).pending
        if (missing !== undefined) throw new Error(`The database lacks the migration ${missing.id}.`)
      },
    },
    {
      name: 'keys',
      async check() {
        // Note: the proof first: whoever adds a key puts it into the file before the proof names it.
        const canary = await readState(db, 'key_check')
        if (canary === undefined) throw new Error('The database has no proof of its key ring.')
        keysFile.prove(canary)
      },
    },
    {
      name: 'clock',
      async check() {
        if (!clockGuard.isRight()) throw new Error('The clock was set back.')
      },
    },
  ]
}
