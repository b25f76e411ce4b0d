import { execFileSync } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { startStandIn } from '../../../../tools/alpaca-stand-in/src/index.ts'
import { loadConfig } from '../../config/config.ts'
import { readKeyRingFile } from '../../platform/crypto/key-ring-file.ts'
import { createSealer } from '../../platform/crypto/sealed.ts'
import { serverKeyRing } from '../../platform/crypto/server-key-ring.ts'
import { errorCode } from '../../platform/error-code.ts'
import type { CommandInstance } from '../run-command.ts'
import { secretBinding, secretOf, seedMembers, usersOf, withDatabaseOf } from '../seed-members.ts'
import { ask } from './api-client.ts'
import { type Inspected, inspectCredentials, inspectValue, seedCredentials } from './seed-credentials.ts'

const PASSWORD = 'correct horse battery staple'
const LANES = 4
const PAUSE_MS = 20 // uses go on all the time, and leave the processor to what is tested

/** The double of a broker for one test; gives the settings that lead to it. */
export async function brokerSettings(): Promise<Readonly<Record<string, string>>> {
  const broker = await startStandIn()
  onTestFinished(() => broker.dispose())
  return { OUTCRY_ALPACA_PAPER_URL: broker.paper.url, OUTCRY_ALPACA_LIVE_URL: broker.live.url }
}

/** A member of a running server with stored keys and a token to use them with. */
export interface KeyOwner {
  readonly credentials: readonly string[]
  readonly token: string
}

/** Makes a member and signs them in; gives their access token. */
export async function signedIn(instance: CommandInstance, url: string, username: string): Promise<string> {
  const email = `${username}@example.test`
  const create = ['user', 'create', '--username', username, '--email', email, '--active']
  const made = await instance.run(create, { stdin: `${PASSWORD}\n` })
  if (made.code !== 0) throw new Error(`Making ${username} failed: ${made.err}`)
  const body = { username_or_email: username, password: PASSWORD }
  const login = await ask(url, { path: '/auth/login/json', body })
  if (login?.status !== 200) throw new Error(`Signing in answered ${login?.status}.`)
  return String(login.body.access_token)
}

/** Makes members with sealed secrets, and one more with credentials. */
export async function seedSealed(
  instance: CommandInstance,
  url: string,
  { members, credentials }: { readonly members: number; readonly credentials: number },
): Promise<KeyOwner> {
  const token = await signedIn(instance, url, 'owner')
  const me = await ask(url, { path: '/auth/me', token })
  const body = { name: 'uses', scopes: ['broker:read'] }
  const made = await ask(url, { path: '/auth/tokens', token, body })
  if (made?.status !== 201) throw new Error(`Making a token answered ${made?.status}.`)
  await seedMembers(instance, members)
  const { env } = instance
  const ids = await withDatabaseOf(instance, (db) =>
    seedCredentials({ env, db, owner: String(me?.body.id), count: credentials }),
  )
  return { credentials: ids, token: String(made.body.token) }
}

/** Uses that go on until they are stopped. */
export interface KeyUses {
  /** How often each status was answered; 0 counts broken connections. */
  stop(): Promise<Readonly<Record<number, number>>>
}

/** Uses one stored key after the other through the gateway, a few at a time. */
export function useKeys(url: string, { credentials, token }: KeyOwner): KeyUses {
  const answered: Record<number, number> = {}
  let isStopped = false
  let next = 0
  const lane = async () => {
    while (!isStopped) {
      const id = credentials[next++ % credentials.length]
      const answer = await ask(url, { path: `/gateway/${id}/v2/account`, token })
      const status = answer?.status ?? 0
      answered[status] = (answered[status] ?? 0) + 1
      await wait(PAUSE_MS)
    }
  }
  const lanes = Promise.all(Array.from({ length: LANES }, lane))
  return {
    async stop() {
      isStopped = true
      await lanes
      return answered
    },
  }
}

/** Opens every sealed value of an instance, with the rings in its files. */
export async function inspectSealed(
  instance: CommandInstance,
): Promise<{ readonly server: Inspected; readonly vault: Inspected }> {
  const { env } = instance
  const { keyEncryption: keys } = await readKeyRingFile(serverKeyRing, loadConfig(env).keysFile)
  const sealer = createSealer(keys)
  const server: Inspected = { current: keys.current.id, known: [...keys.byId.keys()], under: {}, wrong: [] }
  for (const { id, username, two_factor_secret: sealed } of await usersOf(instance)) {
    if (sealed === null) continue
    inspectValue(server, sealer, { sealed, binding: secretBinding(id), expected: secretOf(username) })
  }
  return { server, vault: await withDatabaseOf(instance, (db) => inspectCredentials({ env, db })) }
}

/** Kills the vault process of a server; whether one was running. */
export function killVault(serverPid: number | undefined): boolean {
  const pid = vaultPid(serverPid)
  try {
    return pid !== undefined && process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return false // it ended by itself meanwhile
    throw error
  }
}

/** The vault process of a server, by the id of the server's process. */
export function vaultPid(serverPid: number | undefined): number | undefined {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n')
  const processes = lines.map((line) => {
    const [pid, parent, ...args] = line.trim().split(/\s+/)
    return { pid: Number(pid), parent: Number(parent), args: args.join(' ') }
  })
  const family = new Set([serverPid])
  for (let size = 0; size < family.size; ) {
    size = family.size
    for (const { pid, parent } of processes) if (family.has(parent)) family.add(pid)
  }
  return processes.find(({ pid, args }) => family.has(pid) && /main\.ts vault$/.test(args))?.pid
}
