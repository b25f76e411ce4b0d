import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { commandInstance } from './testing/run-command.ts'
import { unreadPipe } from './testing/unread-pipe.ts'

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))
const LEFT_OPEN = 'data:text/javascript,setInterval(() => {}, 1000)'

/** Loaded into a server: says where it listens. */
const TELLTALE = `data:text/javascript,${encodeURIComponent(`
  import { subscribe } from 'node:diagnostics_channel'
  subscribe('tracing:net.server.listen:asyncEnd', ({ server }) => console.error('port', server.address().port))
`)}`

const isolated = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('OUTCRY_')),
)

it('ends when its command is done, whatever is left open, with all that it had to say', async () => {
  const args = ['--import', LEFT_OPEN, MAIN, 'openapi']
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    maxBuffer: 64 * 1024 * 1024,
    env: isolated,
  })
  expect(JSON.parse(stdout)).toMatchObject({ openapi: '3.1.1' })
})

/** Loaded into a program: writes to its fourth file what nobody reads there. */
const STUCK = `data:text/javascript,${encodeURIComponent(`
  import { write } from 'node:fs'
  write(3, Buffer.alloc(1024 * 1024), () => undefined)
`)}`

it('ends when its command is done though a write is under way that never ends', async () => {
  const pipe = await unreadPipe()
  const child = spawn(process.execPath, ['--import', STUCK, MAIN, '--version'], {
    stdio: ['ignore', 'pipe', 'inherit', pipe.end],
    env: isolated,
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const out = text(child.stdout ?? Readable.from([]))
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
  expect(await out).toMatch(/^\d+\.\d+\.\d+\n$/)
})

function fullDisk(): number {
  const full = openSync('/dev/full', 'w')
  onTestFinished(() => closeSync(full))
  return full
}

/** Starts the program with an output that takes nothing; gives each line of its standard error. */
function startOnFullDisk(args: readonly string[], further: object = {}) {
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', fullDisk(), 'pipe'],
    env: { ...isolated, ...further },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return { child, complaints: createInterface(child.stderr ?? Readable.from([]))[Symbol.asyncIterator]() }
}

const COMPLAINT = 'Standard output cannot be written (ENOSPC).'

it.runIf(process.platform === 'linux')('fails when what it says finds no room on a disk', async () => {
  const { child, complaints } = startOnFullDisk([MAIN, '--version'])
  expect(await once(child, 'exit')).toEqual([1, null])
  expect((await complaints.next()).value).toBe(COMPLAINT)
  expect((await complaints.next()).done).toBe(true)
})

it.runIf(process.platform === 'linux')(
  'fails as it would when its complaint finds no room either',
  async () => {
    const stdio = ['ignore', 'ignore', fullDisk()] as const
    const child = spawn(process.execPath, [MAIN, 'nonsense'], { stdio: [...stdio], env: isolated })
    expect(await once(child, 'exit')).toEqual([2, null])
  },
)

it.runIf(process.platform === 'linux')('R6: serves on though its output is a full disk', async () => {
  const { env } = await commandInstance('sqlite')
  const args = ['--import', TELLTALE, MAIN, 'serve']
  const { child, complaints } = startOnFullDisk(args, { ...env, OUTCRY_LOG_FORMAT: 'pretty' })
  const ended = once(child, 'exit')
  expect((await complaints.next()).value).toBe(COMPLAINT) // of what it says of its migrations
  const port = String((await complaints.next()).value).replace('port ', '')
  for (let i = 0; i < 20; i++) {
    const { status } = await fetch(`http://127.0.0.1:${port}/health/live`)
    expect(status).toBe(200)
  }
  child.kill('SIGTERM')
  expect(await ended).toEqual([1, null])
  expect((await complaints.next()).done).toBe(true)
})

it('serves with the lines of its vault process in its own log', async () => {
  const instance = await commandInstance('sqlite')
  const program = instance.start(['serve'])
  const ended = once(program, 'exit')
  for await (const line of createInterface({ input: program.stdout ?? Readable.from([]) })) {
    if (line.includes('listening on')) await writeFile(join(instance.folder, 'data', 'vault-keys.json'), '{')
    if (!line.includes('The vault key ring cannot be read anew.')) continue
    expect(JSON.parse(line)).toMatchObject({ level: 'error', err: { type: 'KeyRingError' } })
    break
  }
  program.stdout?.resume()
  program.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
})
