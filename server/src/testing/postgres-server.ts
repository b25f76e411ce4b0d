import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type PostgresBinaries, preparePostgresBinaries } from './postgres-binaries.ts'
import { choosePostgresUser, handOver, type OsUser } from './postgres-user.ts'

/** A running PostgreSQL of our own. */
export type PostgresServer = {
  adminUrl: string
  /** Ends it as a failure would, without a word to its clients (pg_ctl: immediate). Its data stays. */
  fail(): Promise<void>
  /** Starts it on the same port after it has failed; resolves when it takes connections. */
  startAgain(): Promise<void>
  /** Ends it and deletes its data; may be called twice. */
  stop(): Promise<void>
}

type Cluster = {
  folder: string
  binaries: PostgresBinaries
  user: OsUser
  password: string
  settings: Readonly<Record<string, string>>
}

const READY = 'database system is ready to accept connections'
const PORT_ATTEMPTS = 5 // between asking for a free port and using it, another process may take it

// Note: unlike most servers on purpose. Text sorts by language and not by byte, and the clock stands five and
// a half hours off UTC, so code that leans on either default fails here and not at somebody's home.
const INIT_FLAGS = ['--encoding=UTF8', '--locale=C', '--locale-provider=icu', '--icu-locale=en-US']
const SETTINGS = {
  timezone: 'Asia/Kolkata',
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  fsync: 'off', // the data is thrown away, and a crash of the machine is not what these tests are about
  full_page_writes: 'off',
  scram_iterations: '1',
}

// The supervisor ends the server and deletes its data as soon as its standard input closes, which the kernel
// does for us however we die, `kill -9` included. A line ends the server alone, and the next one starts it again.
const SUPERVISOR = `
folder=$1; shift
exec 3<&0
while :; do
  "$@" </dev/null & server=$!
  { read -r order <&3; heard=$?; trap '' TERM; kill -QUIT $server 2>/dev/null; exit $heard; } & watcher=$!
  wait $server; status=$?
  kill $watcher 2>/dev/null
  wait $watcher || break
  read -r order <&3 || break
done
rm -rf "$folder" 2>/dev/null
exit $status
`

/**
 * Starts a fresh PostgreSQL on a free port of 127.0.0.1, as root under another account. Any number may run at
 * once. It lives no longer than this process. `settings` (postgresql.conf) win over those of the tests; the
 * benchmarks ask for durable writes that way. Throws one plain sentence with the server's own words when it
 * does not start.
 */
export async function startPostgresServer(
  settings: Readonly<Record<string, string>> = {},
): Promise<PostgresServer> {
  for (let attempt = 1; attempt <= PORT_ATTEMPTS; attempt++) {
    const server = await startOnce({ ...SETTINGS, ...settings })
    if (server) return server
  }
  throw new Error('PostgreSQL found no free port on 127.0.0.1: try again.')
}

/** Answers undefined when the port was taken in the meantime. */
async function startOnce(settings: Cluster['settings']): Promise<PostgresServer | undefined> {
  const user = choosePostgresUser()
  const folder = await mkdtemp(join(tmpdir(), 'outcry-postgres-'))
  try {
    await chmod(folder, 0o755)
    await handOver(folder, user)
    const binaries = await preparePostgresBinaries(user, folder)
    const password = randomBytes(18).toString('base64url')
    const cluster: Cluster = { folder, binaries, user, password, settings }
    await createCluster(cluster)
    return await launch(cluster, await findFreePort())
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

async function createCluster({ folder, binaries, user, password }: Cluster): Promise<void> {
  const passwordFile = join(folder, 'password')
  await writeFile(passwordFile, password, { mode: 0o600 })
  await handOver(passwordFile, user)
  const flags = ['--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--no-sync']
  const args = ['-D', join(folder, 'data'), '-c', 'scram_iterations=1', ...flags, ...INIT_FLAGS]
  const child = spawn(binaries.initdb, args, { ...user, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] })
  const said = collect(child)
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`PostgreSQL's initdb failed: ${said.text}`)
}

async function launch(cluster: Cluster, port: number): Promise<PostgresServer | undefined> {
  const { folder, binaries, user, password } = cluster
  const data = join(folder, 'data')
  const settings = Object.entries({ ...cluster.settings, port: String(port) }).flatMap(([k, v]) => [
    '-c',
    `${k}=${v}`,
  ])
  const supervised = ['-c', SUPERVISOR, 'sh', folder, binaries.postgres, '-D', data, ...settings]
  const child = spawn('/bin/sh', supervised, {
    ...user,
    cwd: '/',
    detached: true, // Ctrl-C is ours to handle; the server must outlive it until the tests have closed
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  const said = collect(child)
  const closed = once(child, 'close')
  await Promise.race([said.mention(READY), closed])
  if (child.exitCode !== null) {
    if (said.text.includes('could not bind')) return undefined
    throw new Error(`PostgreSQL did not start: ${said.text}`)
  }
  const order = async (outcome: string) => {
    const heard = said.mention(outcome)
    child.stdin?.write('\n')
    const isClosed = await Promise.race([heard.then(() => false), closed.then(() => true)])
    if (isClosed) throw new Error(`PostgreSQL ended: ${said.text}`)
  }
  return {
    adminUrl: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    fail: () => order('database system is shut down'),
    startAgain: () => order(READY),
    async stop() {
      child.stdin?.end()
      await closed
    },
  }
}

function collect(child: ChildProcess) {
  let heard = Promise.withResolvers<void>()
  let wanted: string | undefined
  const said = {
    text: '',
    /** Resolves when it has said `phrase` from now on. */
    mention(phrase: string): Promise<void> {
      said.text = ''
      wanted = phrase
      heard = Promise.withResolvers()
      return heard.promise
    },
  }
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    said.text = (said.text + chunk).slice(-8_192)
    if (wanted !== undefined && said.text.includes(wanted)) heard.resolve()
  })
  return said
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  if (address === null || typeof address === 'string') throw new Error('No port on 127.0.0.1 could be had.')
  return address.port
}
