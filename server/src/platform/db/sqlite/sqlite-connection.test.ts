import { DatabaseSync } from 'node:sqlite'
import { expect, it, onTestFinished } from 'vitest'
import { createTestDatabase } from '../../../testing/for-each-database.ts'
import { DatabaseUnavailableError } from '../errors.ts'
import { SqliteConnection } from './sqlite-connection.ts'

const ATTEMPTS = 20

/** A file whose write lock somebody else takes and gives, as often as asked. */
async function open() {
  const database = await createTestDatabase('sqlite')
  onTestFinished(() => database.drop())
  const path = database.location.kind === 'sqlite' ? database.location.path : ''
  const connection = new SqliteConnection(path, { readOnly: false })
  onTestFinished(() => connection.close())
  connection.exec('create table notes (id integer primary key)')
  const other = new DatabaseSync(path)
  onTestFinished(() => other.close())
  return { connection, other }
}

/** How long the fastest of many attempts kept the event loop: what waits for a lock does so every time. */
function fastest(attempt: () => void): number {
  const times = Array.from({ length: ATTEMPTS }, () => {
    const started = performance.now()
    attempt()
    return performance.now() - started
  })
  return Math.min(...times)
}

it('is told at once that another process holds the write lock, also after work that waits a moment', async () => {
  const { connection, other } = await open()
  const begin = () => expect(() => connection.control('begin immediate')).toThrow(DatabaseUnavailableError)
  for (const work of [() => undefined, () => connection.emptyLog(), () => connection.optimize()]) {
    work()
    other.exec('begin immediate')
    expect(fastest(begin)).toBeLessThan(10)
    work()
    expect(fastest(begin)).toBeLessThan(10)
    other.exec('rollback')
  }
})
