import { rmSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../testing/for-each-database.ts'
import { killAfter } from '../../../testing/kill-process.ts'
import { historyMigrations, historyTables, KEYS } from '../../../testing/migration-history.ts'
import { onPostgresAt } from '../../../testing/postgres-client.ts'
import { type Dialect, databaseDrift, migrate, migrationStatus, openForMigration } from '../index.ts'

const KILLS = 50
const ATTEMPTS_MAX = 80 // some children finish before the kill comes

async function empty({ location }: TestDatabase): Promise<void> {
  if (location.kind === 'sqlite') {
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${location.path}${suffix}`, { force: true })
    return
  }
  const anew = 'drop schema public cascade; create schema public'
  await onPostgresAt(location.adminUrl, (owner) => owner.query(anew))
}

describe.each<Dialect>(['sqlite', 'postgres'])('a migration killed at any point on %s', (dialect) => {
  it(`is finished by the next start, ${KILLS} times`, { timeout: 120_000 }, async () => {
    const database = await createTestDatabase(dialect)
    onTestFinished(() => database.drop())
    if (database.location.kind === 'postgres') await empty(database)
    let { spokeMs } = await killAfter('migrate', database.location, 10_000)
    const stoppedAfter = new Map<number, number>()
    let kills = 0
    for (let attempt = 0; kills < KILLS && attempt < ATTEMPTS_MAX; attempt++) {
      await empty(database)
      const run = await killAfter('migrate', database.location, Math.random() * spokeMs)
      const { words, wasKilled } = run
      if (wasKilled && !words.includes('done')) kills++
      else spokeMs = Math.min(spokeMs, run.spokeMs) // the first run may have met a busier machine

      const connection = await openForMigration(database.location)
      const { applied } = await migrationStatus(connection, historyMigrations)
      const told = words.filter((word) => /^\d/.test(word))
      expect(applied.slice(0, told.length)).toEqual(told)
      await migrate(connection, { migrations: historyMigrations, tables: historyTables })
      expect(await connection.count('select count(*) from keyring where nickname = kind')).toBe(
        dialect === 'sqlite' ? KEYS : 0, // without a row context PostgreSQL shows no row, not even to the owner
      )
      await connection.close()
      expect(await databaseDrift(database.location, historyTables)).toEqual([])
      stoppedAfter.set(applied.length, (stoppedAfter.get(applied.length) ?? 0) + 1)
    }
    expect(kills).toBe(KILLS)
    expect(stoppedAfter.size).toBeGreaterThan(2)
  })
})
