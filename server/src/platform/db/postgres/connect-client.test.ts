import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { describe, expect, inject, it, onTestFinished, vi } from 'vitest'
import { createTestDatabase } from '../../../testing/for-each-database.ts'
import { connectTo } from '../../../testing/postgres-client.ts'
import {
  type DatabaseLocation,
  DatabaseUnavailableError,
  databaseDrift,
  openForMigration,
  servingRoleProblems,
} from '../index.ts'
import { readHistory } from '../migrate/read-history.ts'
import { isSameDatabase } from './same-database.ts'

const SIGNED_IN = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]) // AuthenticationOk
const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]) // ReadyForQuery, idle

/** A server that is none, at a port of its own. */
async function standIn(onConnection: (socket: Socket) => void): Promise<DatabaseLocation> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    onConnection(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const urlOf = (role: string) => `postgres://${role}@127.0.0.1:${port}/outcry`
  return { kind: 'postgres', url: urlOf('app'), adminUrl: urlOf('owner') }
}

/** What nobody listened for, which ends a process. */
function unheardErrors(): unknown[] {
  const heard: unknown[] = []
  const hear = (error: unknown) => void heard.push(error)
  process.on('uncaughtException', hear)
  onTestFinished(() => void process.off('uncaughtException', hear))
  return heard
}

const urlOf = (location: DatabaseLocation) => (location.kind === 'postgres' ? location.url : '')

describe('a connection of its own to PostgreSQL', () => {
  const uses: [string, (location: DatabaseLocation) => Promise<unknown>][] = [
    ['looks at the serving role', (location) => servingRoleProblems(urlOf(location), [])],
    ['migrates', async (location) => (await openForMigration(location)).applied()],
    ['compares two addresses', (location) => isSameDatabase(urlOf(location), urlOf(location))],
    ['compares the tables', (location) => databaseDrift(location, [])],
    ['reads the history', readHistory],
  ]

  it.each(uses)('that %s fails in one sentence, and ends no process, when it is lost', async (_name, use) => {
    const unheard = unheardErrors()
    const location = await standIn((socket) => {
      socket.once('data', () => {
        socket.write(Buffer.concat([SIGNED_IN, READY]))
        socket.once('data', () => socket.destroy())
      })
    })
    await expect(use(location)).rejects.toThrow(DatabaseUnavailableError)
    expect(unheard).toEqual([])
  })

  it.each(uses)('that %s does not wait for a server that says nothing', async (_name, use) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const asked = Promise.withResolvers<void>()
    const location = await standIn((socket) => void socket.once('data', () => asked.resolve()))
    const refused = expect(use(location)).rejects.toThrow(DatabaseUnavailableError)
    await asked.promise
    await vi.advanceTimersByTimeAsync(5_000)
    await refused
  })

  it('that is lost while nobody waits for it fails what comes next', async () => {
    const unheard = unheardErrors()
    const { location, drop } = await createTestDatabase('postgres')
    onTestFinished(drop)
    const connection = await openForMigration(location)
    const admin = await connectTo(inject('postgres').adminUrl)
    onTestFinished(() => admin.end())
    expect(await connection.applied()).toEqual([])
    const name = new URL(urlOf(location)).pathname.slice(1)
    const { rows } = await admin.query(
      'select pg_terminate_backend(pid, 5000) as ended from pg_stat_activity where datname = $1',
      [name],
    )
    expect(rows).toEqual([{ ended: true }])
    for (let i = 0; i < 2; i++) await expect(connection.applied()).rejects.toThrow(DatabaseUnavailableError)
    await connection.close()
    expect(unheard).toEqual([])
  })
})
