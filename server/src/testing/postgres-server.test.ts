import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, inject, it, onTestFinished, vi } from 'vitest'
import { onPostgresAt } from './postgres-client.ts'
import { createTestRoles } from './postgres-roles.ts'
import { startPostgresServer } from './postgres-server.ts'

const COMMAND = fileURLToPath(new URL('./postgres-command.ts', import.meta.url))

describe('a PostgreSQL of our own', () => {
  it('runs beside another one and leaves nothing behind', async () => {
    const servers = await Promise.all([startPostgresServer(), startPostgresServer()])
    const urls = servers.map((server) => server.adminUrl)
    expect(new Set(urls.map((url) => new URL(url).port)).size).toBe(2)
    const folders = await Promise.all(urls.map(dataFolderOf))
    expect(new Set(folders).size).toBe(2)
    expect(folders.filter((folder) => existsSync(folder))).toEqual(folders)

    await Promise.all(servers.map((server) => server.stop()))
    for (const url of urls) await expect(query(url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED')
    expect(folders.filter((folder) => existsSync(dirname(folder)))).toEqual([])
  })

  it('comes back with its data after a failure, and deletes it when it is stopped while it is down', async () => {
    const server = await startPostgresServer()
    const folder = await dataFolderOf(server.adminUrl)
    await query(server.adminUrl, 'CREATE TABLE kept AS SELECT 7 AS number')
    await server.fail()
    await expect(query(server.adminUrl, 'SELECT 1')).rejects.toThrow('ECONNREFUSED')
    await server.startAgain()
    expect(await query(server.adminUrl, 'SELECT number FROM kept')).toEqual([{ number: 7 }])
    await server.fail()
    expect(existsSync(folder)).toBe(true)
    await server.stop()
    expect(existsSync(dirname(folder))).toBe(false)
  })

  it('fails the work of whoever is connected when it ends, and not their process', async () => {
    const server = await startPostgresServer()
    onTestFinished(() => server.stop())
    const work = onPostgresAt(server.adminUrl, async (client) => {
      await server.fail()
      return await client.query('SELECT 1')
    })
    await expect(work).rejects.toThrow()
  })

  it('ends with its data when its owner is killed', async () => {
    const owner = spawn(process.execPath, [COMMAND], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [said] = await once(owner.stdout.setEncoding('utf8'), 'data')
    const url = String(said).match(/OUTCRY_TEST_POSTGRES_URL=(\S+)/)?.[1] ?? ''
    const folder = await dataFolderOf(url)

    owner.kill('SIGKILL')
    await vi.waitFor(() => expect(query(url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED'), 5_000)
    await vi.waitFor(() => expect(existsSync(dirname(folder))).toBe(false), 5_000)
  })
})

describe('the roles of a test cluster', () => {
  it('let the migrator create databases and the app none', async () => {
    const { migratorUrl, appUrl } = inject('postgres')
    const name = `roles_${process.pid}_${Date.now()}`
    await query(migratorUrl, `CREATE DATABASE ${name}`)
    onTestFinished(async () => {
      await query(migratorUrl, `DROP DATABASE ${name}`)
    })
    await expect(query(appUrl, `CREATE DATABASE ${name}_app`)).rejects.toThrow('permission denied')
    expect(await query(appUrl, RIGHTS_OF_CALLER)).toEqual([{ rolsuper: false, rolbypassrls: false }])
  })

  it('stay the same when another run asks for them', async () => {
    const urls = inject('postgres')
    const again = await Promise.all([createTestRoles(urls.adminUrl), createTestRoles(urls.adminUrl)])
    expect(again).toEqual([urls, urls])
  })
})

const RIGHTS_OF_CALLER = 'SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user'

async function query(url: string, text: string): Promise<unknown[]> {
  return await onPostgresAt(url, async (client) => (await client.query(text)).rows)
}

async function dataFolderOf(url: string): Promise<string> {
  const [row] = await query(url, 'SHOW data_directory')
  return String(Object(row).data_directory)
}
