import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createApiClient } from '@outcry/contract/client'
import { afterAll, expect, it, onTestFinished, vi } from 'vitest'
import { twoFreePorts } from '../../alpaca-stand-in/src/testing/free-ports.ts'
import { runDemo } from './run-demo.ts'
import { startDemo } from './start-demo.ts'

// Note: other tests run demos at the same time.
const place = mkdtempSync(join(tmpdir(), 'demos-'))
vi.stubEnv('TMPDIR', place)
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(place, { recursive: true, force: true })
})

const demoFolders = () => readdirSync(place).filter((name) => name.startsWith('outcry-demo-'))

async function signIn(url: string, username: string, password: string) {
  const body = { username_or_email: username, password }
  const { data } = await createApiClient(url).POST('/api/v1/auth/login/json', { body })
  if (!data || !('access_token' in data)) throw new Error(`${username} could not sign in.`)
  return createApiClient(url, { token: data.access_token })
}

it('serves a made-up community with broker keys of the stand-in, and leaves nothing behind', async () => {
  const said: string[] = []
  const demo = await startDemo({ port: await twoFreePorts(), relay: (line) => void said.push(line) })
  onTestFinished(() => demo.stop())
  const { url, username, password, adminName, folder } = demo
  expect(existsSync(folder)).toBe(true)

  const member = await signIn(url, username, password)
  const { data: listed } = await member.GET('/api/v1/credentials')
  expect(
    listed?.credentials.map(({ nickname, environment, last_validation }) => [
      nickname,
      environment,
      last_validation,
    ]),
  ).toEqual([
    ['Live (fake money)', 'live', 'ok'],
    ['Swing ideas', 'paper', 'ok'],
    ['Main paper', 'paper', 'ok'],
  ])
  for (const { id } of listed?.credentials ?? []) {
    const query = { credential_id: id }
    const { data: positions } = await member.GET('/api/v1/positions', { params: { query } })
    expect(positions?.positions.length).toBeGreaterThan(0)
  }
  const path = { id: username }
  const { data: followers } = await member.GET('/api/v1/users/{id}/followers', { params: { path } })
  expect(followers?.total).toBe(3)

  const admin = await signIn(url, adminName, password)
  const { data: members } = await admin.GET('/api/v1/users', { params: { query: { limit: 100 } } })
  expect(members?.total).toBe(13)
  expect(members?.items.every((each) => each.username.startsWith('demo-'))).toBe(true)
  const { data: system } = await admin.GET('/api/v1/admin/system', {})
  expect(system).toMatchObject({ database: { kind: 'sqlite', ok: true }, vault: { state: 'running' } })
  expect(said).toEqual([])
  expect(await (await fetch(`${url}/api/docs`)).text()).toContain('Outcry (demo)')

  await demo.stop()
  expect(existsSync(folder)).toBe(false)
  await expect(fetch(url)).rejects.toThrow()
})

it('says that the port is taken, and leaves nothing behind', async () => {
  const port = await twoFreePorts()
  const other = createServer().listen(port, '127.0.0.1')
  onTestFinished(() => void other.close())
  const [said, complained]: [string[], string[]] = [[], []]
  const code = await runDemo(['--port', String(port)], {
    write: (line) => said.push(line),
    complain: (line) => complained.push(line),
    signal: new AbortController().signal,
  })
  expect([code, complained]).toEqual([
    1,
    [
      `127.0.0.1:${port} cannot be used: another program has that address and port.`,
      'Choose another port: npm run demo -- --port 4100',
    ],
  ])
  expect(demoFolders()).toEqual([])
})

it('takes the port of OUTCRY_PORT, unless it is told another', async () => {
  const set = await twoFreePorts()
  const told = set + 1
  const servers = [set, told].map((port) => createServer().listen(port, '127.0.0.1'))
  onTestFinished(() => servers.forEach((server) => void server.close()))
  const complaintOf = async (args: readonly string[], setPort: string) => {
    const complained: string[] = []
    const code = await runDemo(args, {
      setPort,
      write: () => undefined,
      complain: (line) => complained.push(line),
      signal: new AbortController().signal,
    })
    return [code, complained[0]]
  }
  const taken = (port: number) =>
    `127.0.0.1:${port} cannot be used: another program has that address and port.`
  expect(await complaintOf([], String(set))).toEqual([1, taken(set)])
  expect(await complaintOf(['--port', String(told)], String(set))).toEqual([1, taken(told)])
  for (const wrong of ['x', '0', '65536', '4e3', ' 80'])
    expect(await complaintOf([], wrong)).toEqual([2, 'OUTCRY_PORT takes a number from 1 to 65535 here.'])
})

it('leaves nothing behind when it is killed', async () => {
  const program = fileURLToPath(new URL('./main.ts', import.meta.url))
  const port = await twoFreePorts()
  const demo = spawn(process.execPath, [program], {
    env: { ...process.env, OUTCRY_PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void demo.kill('SIGKILL'))
  for await (const text of demo.stdout.setEncoding('utf8')) if (String(text).includes('Ctrl-C')) break
  expect(demoFolders()).toHaveLength(1)
  demo.kill('SIGKILL')
  await expect.poll(demoFolders, { timeout: 20_000, interval: 100 }).toEqual([])
  await expect(fetch(`http://localhost:${port}`)).rejects.toThrow()
})

it('says who to sign in as, ends at Ctrl-C, and explains itself', async () => {
  const stopping = new AbortController()
  const said: string[] = []
  const run = (args: readonly string[]) =>
    runDemo(args, {
      write(line) {
        said.push(line)
        if (line.includes('Ctrl-C')) stopping.abort()
      },
      complain: (line) => said.push(line),
      signal: stopping.signal,
    })
  expect(await run(['--port', String(await twoFreePorts())])).toBe(0)
  expect(said.join('\n')).toMatch(
    /DEMO[\s\S]*http:\/\/localhost:\d+[\s\S]*demo-anna[\s\S]*nothing here is real \d{4}/,
  )
  expect(said.at(-1)).toBe('The demo is over, and nothing of it is left.')
  expect(await run(['--port', 'none'])).toBe(2)
  expect(await run(['--elsewhere'])).toBe(2)
  expect(await run(['--help'])).toBe(0)
})
