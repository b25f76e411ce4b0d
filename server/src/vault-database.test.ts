import { expect, it } from 'vitest'
import type { AuditEntry } from './platform/audit/audit.ts'
import { findNewestPair } from './platform/audit/pair-history.ts'
import { asOwner } from './testing/owner-queries.ts'
import { locationOf, startTestApp, type TestApp } from './testing/start-test-app.ts'
import { openVaultDatabase } from './vault-database.ts'

const KEY = '01890a5d-ac96-774b-bcce-b302099a8058'
/** More than PostgreSQL runs before it settles on one plan for a prepared statement (its manual, PREPARE, "Notes"). */
const OFTEN = 10

const entryOf = (action: string, key_version: number): AuditEntry => ({
  ...{ action, result: 'ok', objectType: 'credential', objectId: KEY },
  details: { key_version },
})

function record({ app }: TestApp, entries: readonly AuditEntry[]): Promise<void> {
  const { db, audit } = app.platform
  return db.withSystem((tx) => audit.recordDecided(tx, async () => entries))
}

const owned = (app: TestApp, text: string) => asOwner(locationOf(app), (query) => query(text))

/** How often the log was read through, and how often looked up by its index of pairs. */
async function scansOf(app: TestApp) {
  const [found] = await owned(
    app,
    `select seq_scan, pairs.idx_scan from pg_stat_user_tables join
     (select relid, idx_scan from pg_stat_user_indexes where indexrelname = 'idx_audit_events_of_pairs') pairs using (relid)`,
  )
  return { ofTable: Number(found?.seq_scan), ofPairs: Number(found?.idx_scan) }
}

it('finds the newest pair by its index, however little the log held when PostgreSQL planned that', async () => {
  await using app = await startTestApp({ dialect: 'postgres' })
  for (const count of [0, 70]) {
    const uses = Array.from({ length: count }, () => entryOf('credential.used', 1))
    await record(app, uses)
    await owned(app, 'vacuum analyze audit_events')
    const before = await scansOf(app)
    const db = openVaultDatabase(app.config, { poolSize: 1 })
    for (let turn = 0; turn < OFTEN; turn++) await findNewestPair(db.asSystem(), KEY)
    await record(app, [...uses, entryOf('credential.rotated', 2)])
    for (let turn = 0; turn < OFTEN; turn++) expect(await findNewestPair(db.asSystem(), KEY)).toBe(2)
    await db.close()
    // Note: a connection says what it has scanned when it ends.
    await expect.poll(async () => (await scansOf(app)).ofPairs - before.ofPairs).toBe(2 * OFTEN)
    expect((await scansOf(app)).ofTable).toBe(before.ofTable)
  }
})
