import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createTestDatabase } from '../../../testing/for-each-database.ts'
import { type InFront, inFrontOf } from '../../../testing/in-front-of.ts'
import { commandInstance, scratchFolder } from '../../../testing/run-command.ts'
import { type SelfSigned, selfSigned } from '../../../testing/self-signed.ts'
import { type DatabaseLocation, databaseDrift, openDatabase, openForMigration } from '../index.ts'
import { readHistory } from '../migrate/read-history.ts'
import { servingRoleProblems } from './check-role.ts'
import { isSameDatabase } from './same-database.ts'

type Location = DatabaseLocation & { readonly kind: 'postgres' }

/** A database of the real PostgreSQL. */
async function realDatabase(): Promise<Location> {
  const { location, drop } = await createTestDatabase('postgres')
  onTestFinished(drop)
  if (location.kind !== 'postgres') throw new Error('That is no PostgreSQL.')
  return location
}

async function fileOf(cert: string): Promise<string> {
  const path = join(await scratchFolder(), 'authority.pem')
  await writeFile(path, cert)
  return path
}

const within = (url: string, sslmode: string, authority?: string) => {
  const leading = new URL(url)
  leading.searchParams.set('sslmode', sslmode)
  if (authority) leading.searchParams.set('sslrootcert', authority)
  return leading.href
}

interface Way extends Location {
  readonly fronts: readonly InFront[]
}

/** The database as both roles reach it through somebody in front of it. */
async function throughFront(sslmode: string, tls?: SelfSigned, authority?: string): Promise<Way> {
  const { url, adminUrl = '' } = await realDatabase()
  const [serving, migrating] = [await inFrontOf(url, tls), await inFrontOf(adminUrl, tls)]
  return {
    kind: 'postgres',
    url: within(serving.url, sslmode, authority),
    adminUrl: within(migrating.url, sslmode, authority),
    fronts: [serving, migrating],
  }
}

async function ping(location: DatabaseLocation): Promise<void> {
  const db = openDatabase(location)
  await db.ping().finally(() => db.close())
}

const uses: [string, (way: Way) => Promise<unknown>][] = [
  ['serves', ping],
  ['migrates', async (way) => (await openForMigration(way)).applied()],
  ['looks at the serving role', ({ url }) => servingRoleProblems(url, [])],
  ['compares two addresses', ({ url }) => isSameDatabase(url, url)],
  ['compares the tables', (way) => databaseDrift(way, [])],
  ['reads the history', readHistory],
]

const impostors: [string, () => Promise<Way>, RegExp][] = [
  ['is cut to plaintext', () => throughFront('verify-full'), /^PostgreSQL speaks no TLS, /],
  [
    'has a certificate of an unknown authority',
    () => throughFront('verify-full', selfSigned('127.0.0.1')),
    /^PostgreSQL does not prove who it is \(.*certificate\), /,
  ],
  [
    'has a certificate for another name',
    async () => {
      const tls = selfSigned('db.example')
      return throughFront('verify-full', tls, await fileOf(tls.cert))
    },
    /^PostgreSQL does not prove who it is \(.*127\.0\.0\.1.*\), /,
  ],
]

describe.each(impostors)('a PostgreSQL that %s', (_what, wayOf, sentence) => {
  it.each(uses)('C55: is told nothing by whoever %s under verify-full', async (_who, use) => {
    const way = await wayOf()
    await expect(use(way)).rejects.toMatchObject({ name: 'DatabaseUnavailableError', message: sentence })
    expect(way.fronts.reduce((sum, { asked }) => sum + asked, 0)).toBeGreaterThan(0)
    for (const { heard } of way.fronts) expect(heard.toString('latin1')).toBe('')
  })

  it('C55: is refused by the start in one sentence, and gets no password', async () => {
    const { url, adminUrl, fronts } = await wayOf()
    const instance = await commandInstance('sqlite')
    const env = { OUTCRY_DATABASE_URL: url, OUTCRY_DATABASE_ADMIN_URL: adminUrl ?? '' }
    const { code, out, err } = await instance.spawn(['serve'], { env })
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(new RegExp(`${sentence.source}.*\\.\\n$`))
    for (const { heard } of fronts) expect(heard.toString('latin1')).toBe('')
  })
})

it('C55: serves over TLS that proves the server, and without it where that is said', async () => {
  const tls = selfSigned('127.0.0.1')
  for (const way of [
    await throughFront('verify-full', tls, await fileOf(tls.cert)),
    await throughFront('disable'),
  ]) {
    for (const [, use] of uses) await use(way)
    for (const { heard } of way.fronts) expect(heard.length).toBeGreaterThan(0)
  }
})
