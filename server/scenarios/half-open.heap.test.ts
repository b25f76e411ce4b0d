import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { statusOf } from '../src/platform/http/testing/raw-request.ts'
import { ask } from '../src/testing/crash/api-client.ts'
import { signedIn } from '../src/testing/crash/key-uses.ts'
import { startServer } from '../src/testing/crash/server-process.ts'
import { commandInstance } from '../src/testing/run-command.ts'

const MOST = 5_000 // R13
const EACH = 1_000 // of one address; the server allows 2,000 to each of this machine's
const AT_ONCE = 250 // waiting to be taken

const TIMED_OUT = 500 // after ten seconds; the others could stay thirty, so that a slow machine can open them all
const NOTHING = ''
const HALF_A_HEAD = 'GET /api/v1/auth/me HTTP/1.1\r\nHost: local'
const HALF_A_BODY =
  'POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{'

const descriptors = (pid: number) => readdirSync(`/proc/${pid}/fd`).length

/** How many files this process may have open. */
function mostDescriptors(): number {
  return Number(/^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1])
}

interface HalfOpen {
  readonly socket: Socket
  /** All that came until it was closed. */
  readonly answer: Promise<string>
}

async function openHalf(url: string, at: number, begun: string): Promise<HalfOpen> {
  const port = Number(new URL(url).port)
  const localAddress = `127.0.0.${2 + Math.floor(at / EACH)}`
  const socket = connect({ port, host: '127.0.0.1', localAddress }).on('error', () => undefined)
  let text = ''
  socket.setEncoding('latin1').on('data', (more: string) => {
    text += more
  })
  const answer = new Promise<string>((resolve) => socket.once('close', () => resolve(text)))
  await once(socket, 'connect')
  socket.write(begun)
  return { socket, answer }
}

async function openMany(url: string, count: number): Promise<HalfOpen[]> {
  const held: HalfOpen[] = []
  onTestFinished(() => {
    for (const { socket } of held) socket.destroy()
  })
  const begunAt = (at: number) =>
    at < count - TIMED_OUT ? HALF_A_BODY : at % 2 === 0 ? HALF_A_HEAD : NOTHING
  while (held.length < count) {
    const next = Math.min(AT_ONCE, count - held.length)
    const places = Array.from({ length: next }, (_, i) => held.length + i)
    held.push(...(await Promise.all(places.map((at) => openHalf(url, at, begunAt(at))))))
  }
  return held
}

it.runIf(process.platform === 'linux')(
  'R13: 5,000 half-open connections keep nobody from being answered and give back what they held',
  async () => {
    const instance = await commandInstance('sqlite')
    const server = startServer(instance, { OUTCRY_RATE_LIMITS: 'off' })
    const { url } = await server.ready
    const token = await signedIn(instance, url, 'ada')
    const readOwn = async () => (await ask(url, { path: '/auth/me', token }))?.status
    expect(await readOwn()).toBe(200)
    const before = descriptors(server.pid)

    const count = Math.min(MOST, mostDescriptors() - 500)
    const held = await openMany(url, count)
    await expect.poll(() => descriptors(server.pid)).toBeGreaterThanOrEqual(before + count)
    for (let i = 0; i < 50; i++) expect(await readOwn()).toBe(200)
    expect(descriptors(server.pid)).toBeGreaterThanOrEqual(before + count)

    for (const { socket } of held.slice(0, -TIMED_OUT)) socket.destroy()
    const answers = await Promise.all(held.slice(-TIMED_OUT).map(({ answer }) => answer))
    expect([...new Set(answers.map(statusOf))]).toEqual([408])
    await expect.poll(() => descriptors(server.pid)).toBeLessThanOrEqual(before)
    expect(await readOwn()).toBe(200)
  },
)
