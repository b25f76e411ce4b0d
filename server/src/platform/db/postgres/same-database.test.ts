import { expect, it, onTestFinished } from 'vitest'
import { createTestDatabase } from '../../../testing/for-each-database.ts'
import { DatabaseUnavailableError } from '../errors.ts'
import { isSameDatabase } from './same-database.ts'

async function urls(): Promise<[string, string]> {
  const { location, drop } = await createTestDatabase('postgres')
  onTestFinished(drop)
  return location.kind === 'postgres' ? [location.url, location.adminUrl ?? ''] : ['', '']
}

it('knows one database by two roles and by two names of its host', async () => {
  const [serving, migrating] = await urls()
  expect(await isSameDatabase(serving, migrating)).toBe(true)
  const byAnotherName = Object.assign(new URL(migrating), { hostname: 'localhost' }).href
  expect(await isSameDatabase(serving, byAnotherName)).toBe(true)
  expect(await isSameDatabase(serving, serving)).toBe(true)
})

it('knows two databases of one server apart', async () => {
  const [[serving], [, migrating]] = [await urls(), await urls()]
  expect(await isSameDatabase(serving, migrating)).toBe(false)
})

it('says that one of the two is not there', async () => {
  const [serving, migrating] = await urls()
  const nowhere = Object.assign(new URL(migrating), { host: '127.0.0.1:1' }).href
  await expect(isSameDatabase(serving, nowhere)).rejects.toThrow(DatabaseUnavailableError)
  await expect(isSameDatabase(nowhere, serving)).rejects.toThrow(DatabaseUnavailableError)
})
