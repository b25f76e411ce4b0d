import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type FixedClock, fixedClock } from '../../../testing/fixed-clock.ts'
import { createMigratedDatabase } from '../../../testing/for-each-database.ts'
import type { KeySet, SigningKey } from '../../crypto/key-ring.ts'
import { createUuidv7 } from '../../crypto/uuid.ts'
import { type Db, type Dialect, openDatabase } from '../../db/index.ts'
import { HOUR } from '../../durations.ts'
import { platformMigrations, platformTables } from '../../platform-schema.ts'
import { createAudit } from '../audit.ts'
import { findAuditFault } from '../audit-fault.ts'
import { type Checkpoints, startCheckpoints } from '../checkpoints.ts'
import type { CheckpointLines } from '../verify-checkpoints.ts'
import { tamperWithLog } from './tamper-with-log.ts'

/** A set of one fresh signing key. */
export function signingKeys(id = 'signing'): KeySet<SigningKey> {
  const current = { id, ...generateKeyPairSync('ed25519') }
  return { current, byId: new Map([[id, current]]) }
}

/** An audit log on a database of its own, with a file for its checkpoints; both gone after the test. */
export interface SignedLog {
  readonly db: Db
  readonly clock: FixedClock
  readonly keys: KeySet<SigningKey>
  readonly path: string
  /** What was said to the operator. */
  readonly said: readonly string[]
  /** Appends entries in one transaction. */
  append(count: number, action?: string): Promise<void>
  tamper(statements: readonly string[]): Promise<void>
  /** Starts making checkpoints, which happens only when a test asks for it. */
  start(change?: { readonly path?: string; readonly keys?: KeySet<SigningKey> }): Checkpoints
  chainFault(): Promise<string | undefined>
}

/** Makes a log with that many entries. */
export async function signedLog(dialect: Dialect, entries: number): Promise<SignedLog> {
  const schema = { tables: platformTables, migrations: platformMigrations }
  const database = await createMigratedDatabase(dialect, schema)
  const db = openDatabase(database.location)
  const folder = mkdtempSync(join(tmpdir(), 'outcry-checkpoints-'))
  onTestFinished(async () => {
    await db.close()
    await database.drop()
    rmSync(folder, { recursive: true, force: true })
  })
  const clock = fixedClock()
  const audit = createAudit({ clock, newId: createUuidv7(clock) })
  const keys = signingKeys()
  const path = join(folder, 'checkpoints.jsonl')
  const said: string[] = []
  const say = (_fields: object, message: string) => void said.push(message)
  const log: SignedLog = {
    db,
    clock,
    keys,
    path,
    said,
    append: (count, action = 'thing.done') =>
      db.withSystem(async (tx) => {
        for (let i = 0; i < count; i++) await audit.record(tx, { action, result: 'ok' })
      }),
    tamper: (statements) => tamperWithLog(database.location, statements),
    start: (change = {}) =>
      startCheckpoints({
        db,
        key: (change.keys ?? keys).current,
        path: change.path ?? path,
        clock,
        log: { error: say, warn: say },
        pollMs: HOUR,
      }),
    chainFault: () => findAuditFault(db.asSystem()),
  }
  if (entries > 0) await log.append(entries)
  return log
}

/** The lines of a file, without the end of the last one. */
export function linesIn(path: string): string[] {
  return readFileSync(path, 'utf8').replace(/\n$/, '').split('\n')
}

/** Lines as a file would give them. */
export function asFile(lines: readonly string[], name = 'the file'): CheckpointLines {
  const numbered = lines.map((text, i) => ({ number: i + 1, text }))
  return {
    name,
    lines: (async function* () {
      yield* numbered
    })(),
  }
}
