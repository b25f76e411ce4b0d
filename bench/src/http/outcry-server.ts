import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Config, loadConfig } from '../../../server/src/config/config.ts'
import { systemClock } from '../../../server/src/platform/clock.ts'
import type { DatabaseLocation } from '../../../server/src/platform/db/index.ts'
import { type PreparedInstance, prepareInstance } from '../../../server/src/prepare-instance.ts'

const LAUNCHER = fileURLToPath(new URL('../../../bin/outcry', import.meta.url))
const POLL_MS = 20 // asking takes time from the two processes that start

/** The product as an operator starts it, in a process of its own. */
export interface OutcryServer {
  readonly url: URL
  readonly pid: number
  /** From the launcher to the first 200 of `/health/ready`. */
  readonly readyMs: number
  stop(): Promise<void>
}

/** An instance with a database, keys and a data folder, that can be started. */
export interface OutcryInstance {
  readonly config: Config
  /** The settings that the product is started with. */
  readonly env: Readonly<Record<string, string>>
  start(): Promise<OutcryServer>
  /** Runs one command of the product to its end; gives how long it took in milliseconds. Throws unless it did it. */
  run(...command: readonly string[]): Promise<number>
  dispose(): Promise<void>
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('There is no free port.')
  return address.port
}

/** Whether somebody listens: asked often, so that it must cost next to nothing of what the starting processes need. */
async function isListening({ hostname, port }: URL): Promise<boolean> {
  const socket = connect(Number(port), hostname)
  const listens = await once(socket, 'connect').then(
    () => true,
    () => false,
  )
  socket.destroy()
  return listens
}

async function isReady(url: URL): Promise<boolean> {
  const answer = await fetch(new URL('/health/ready', url)).catch(() => undefined)
  return answer?.status === 200
}

async function startServer(url: URL, settings: Readonly<Record<string, string>>): Promise<OutcryServer> {
  const startedMs = performance.now()
  const child = spawn(LAUNCHER, ['serve'], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...settings },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  while (!((await isListening(url)) && (await isReady(url)))) {
    if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}.`)
    await wait(POLL_MS)
  }
  const readyMs = performance.now() - startedMs
  return {
    url,
    pid: child.pid ?? 0,
    readyMs,
    async stop() {
      if (child.exitCode !== null) return
      child.kill()
      await once(child, 'exit')
    },
  }
}

async function runCommand(
  command: readonly string[],
  settings: Readonly<Record<string, string>>,
): Promise<number> {
  const startedMs = performance.now()
  const child = spawn(LAUNCHER, command, {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...settings },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = `${complaints}${text}`.slice(-1_000)
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}: ${complaints}`)
  return performance.now() - startedMs
}

/** The settings that lead to a database. */
export function databaseSettings(location: DatabaseLocation): Record<string, string> {
  if (location.kind === 'sqlite') return { OUTCRY_DATABASE_URL: `sqlite:${location.path}` }
  return { OUTCRY_DATABASE_URL: location.url, OUTCRY_DATABASE_ADMIN_URL: location.adminUrl ?? '' }
}

/** Makes an instance on an empty database. `seed` fills it before it is served; `settings` are added to its own. */
export async function createInstance<Seeded>(
  location: DatabaseLocation,
  seed: (instance: PreparedInstance, config: Config) => Promise<Seeded>,
  settings: Readonly<Record<string, string>> = {},
): Promise<OutcryInstance & { readonly seeded: Seeded }> {
  const folder = await mkdtemp(join(tmpdir(), 'outcry-bench-'))
  const dispose = () => rm(folder, { recursive: true, force: true })
  const env = {
    OUTCRY_DATA_DIR: folder,
    OUTCRY_PORT: String(await freePort()),
    ...databaseSettings(location),
    ...settings,
  }
  try {
    const config = loadConfig(env)
    const instance = await prepareInstance(config, systemClock)
    const seeded = await seed(instance, config).finally(() => instance.db.close())
    const url = new URL(`http://127.0.0.1:${config.port}`)
    const start = () => startServer(url, env)
    return { config, env, seeded, dispose, start, run: (...command) => runCommand(command, env) }
  } catch (error) {
    await dispose()
    throw error
  }
}
