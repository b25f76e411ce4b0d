import { DatabaseSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createTestDatabase } from '../../testing/for-each-database.ts'
import { connectTo } from '../../testing/postgres-client.ts'
import { createSignals, type Signals } from './signals.ts'

const closers: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function twoNodes() {
  const database = await createTestDatabase('postgres')
  closers.push(() => database.drop())
  const nodes = [createSignals(database.location), createSignals(database.location)] as const
  for (const node of nodes) closers.push(() => node.close())
  await vi.waitUntil(() => nodes.every((node) => node.isLive))
  return { database, nodes }
}

function heardBy(node: Signals): (string | undefined)[] {
  const heard: (string | undefined)[] = []
  node.subscribe('user', (id) => heard.push(id))
  return heard
}

describe('signals', () => {
  it('reach the own process at once and the other node soon, once, on their topic only', async () => {
    const { nodes } = await twoNodes()
    const [near, far] = nodes.map(heardBy)
    nodes[0].publish('other', 'x')
    nodes[0].publish('user', 'an id')
    expect(near).toEqual(['an id'])
    await vi.waitUntil(() => far?.includes('an id'))
    expect(far).toEqual(['an id'])
    nodes[1].publish('user', 'another')
    await vi.waitUntil(() => near?.includes('another'))
    expect([near, far]).toEqual([
      ['an id', 'another'],
      ['an id', 'another'],
    ])
  })

  it('say that notes may be missing when the connection breaks, and go on by themselves', async () => {
    const { database, nodes } = await twoNodes()
    const heard = heardBy(nodes[1])
    const { location } = database
    const admin = await connectTo(location.kind === 'postgres' ? location.url : '')
    closers.push(() => admin.end())
    await admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query ilike 'listen%'`,
    )
    await vi.waitUntil(() => heard.includes(undefined))
    expect(nodes[1].isLive).toBe(false)
    await vi.waitUntil(() => nodes.every((node) => node.isLive), { timeout: 10_000 })
    nodes[0].publish('user', 'after')
    await vi.waitUntil(() => heard.includes('after'))
  })

  it('on SQLite tell of every commit of another connection as a gap, once, before anything is trusted', async () => {
    const database = await createTestDatabase('sqlite')
    closers.push(() => database.drop())
    const path = database.location.kind === 'sqlite' ? database.location.path : ''
    const other = new DatabaseSync(path)
    other.exec('pragma journal_mode = wal; create table t (a integer)')
    const signals = createSignals(database.location)
    closers.push(async () => other.close())
    closers.push(() => signals.close())
    const heard = heardBy(signals)
    signals.publish('user', 'an id')
    expect([signals.isLive, heard]).toEqual([true, ['an id']])
    await nextTurn()
    other.exec('insert into t values (1)')
    expect(heard).toEqual(['an id'])
    expect([signals.isLive, heard]).toEqual([true, ['an id', undefined]])
    await nextTurn()
    expect([signals.isLive, heard]).toEqual([true, ['an id', undefined]])
    await nextTurn()
    other.exec('begin; insert into t values (2); rollback')
    expect([signals.isLive, heard]).toEqual([true, ['an id', undefined]])
  })

  it('on SQLite look for commits once in a turn of the event loop, and again in the next', async () => {
    const database = await createTestDatabase('sqlite')
    closers.push(() => database.drop())
    const path = database.location.kind === 'sqlite' ? database.location.path : ''
    const other = new DatabaseSync(path)
    other.exec('pragma journal_mode = wal; create table t (a integer)')
    const signals = createSignals(database.location)
    closers.push(async () => other.close())
    closers.push(() => signals.close())
    const heard = heardBy(signals)
    expect([signals.isLive, heard]).toEqual([true, []])
    other.exec('insert into t values (1)')
    expect([signals.isLive, heard]).toEqual([true, []])
    signals.publish('user', 'of this process')
    expect(heard).toEqual(['of this process'])
    await nextTurn()
    expect([signals.isLive, heard]).toEqual([true, ['of this process', undefined]])
  })
})
