import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parseJson } from './platform/parse-json.ts'
import { unreadPipe } from './testing/unread-pipe.ts'

const at = (path: string) => JSON.stringify(new URL(path, import.meta.url).href)

type Format = 'json' | 'pretty'

/** Makes a pipe like a terminal, where a thread that writes waits for the reader: so does each program that shares it. */
const BLOCK =
  "await import('node:child_process').then((each) => each.spawnSync('true', { stdio: 'inherit' }))"

/** A program that logs more than a pipe holds, and then does what each line of its input says. */
const program = (format: Format, blocking: boolean) => `
  const { createLogger } = await import(${at('./platform/log/logger.ts')})
  const { watchUnheardFailures } = await import(${at('./unheard-failures.ts')})
  process.stdout // as the server does: what is written to a pipe then waits for nobody
  const log = createLogger({ format: '${format}' })
  ${blocking ? BLOCK : ''}
  watchUnheardFailures(log, 'program')
  for (let i = 0; i < 2_000; i++) log.info({ i }, 'x'.repeat(100))
  const secret = 'canary-of-what-was-thrown'
  const thrown = {
    error: Object.assign(new Error('nobody hears this'), { headers: { secret } }),
    object: { code: 'ECONNRESET', message: secret, toString: () => secret },
    string: secret,
    nothing: undefined,
    many: new AggregateError([new Error('the first'), new Error('the second'), secret]),
  }
  process.stdin.on('data', (order) => {
    const [deed, name] = String(order).split(' ')
    if (deed === 'throw') throw thrown[name]
    void Promise.reject(thrown[name])
    setImmediate(() => process.stderr.write('went on'))
  })
  process.stderr.write('ready')
`

function start(stdout: 'pipe' | number, format: Format = 'json', blocking = false): ChildProcess {
  const args = ['--input-type=module', '--eval', program(format, blocking)]
  const child = spawn(process.execPath, args, { stdio: ['pipe', stdout, 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

const heard = async ({ stderr }: ChildProcess): Promise<string> =>
  String(await once(stderr ?? new EventEmitter(), 'data'))

describe.each(['json', 'pretty'] as const)('an exception that nobody caught, with a log of %s', (format) => {
  it('ends the program with 1 though its output has no reader any more', async () => {
    const pipe = await unreadPipe()
    const child = start(pipe.end, format)
    await heard(child)
    pipe.leave()
    child.stdin?.write('throw error')
    expect(await once(child, 'exit')).toEqual([1, null])
  })

  it.each([
    ['is not read', false],
    ['holds every thread that writes to it', true],
  ])('ends the program though its output %s', async (_what, blocking) => {
    const pipe = await unreadPipe()
    const child = start(pipe.end, format, blocking)
    await heard(child)
    child.stdin?.write('throw error')
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
  })

  it('is the last that is written', async () => {
    const child = start('pipe', format)
    const out = text(child.stdout ?? Readable.from([]))
    await heard(child)
    child.stdin?.write('throw error')
    expect(await once(child, 'exit')).toEqual([1, null])
    const last = (await out).slice(-3_000)
    expect(last).toContain('Something failed that nobody caught; the program ends.')
    expect(last).toContain('nobody hears this')
    expect(await out).not.toContain('canary')
  })
})

it('logs a promise that fails unheard without what may be secret, and goes on', async () => {
  const child = start('pipe')
  const out = text(child.stdout ?? Readable.from([]))
  await heard(child)
  const expected = {
    error: { type: 'Error', message: 'nobody hears this' },
    object: { message: 'What was thrown is no error but of type object.', code: 'ECONNRESET' },
    string: { message: 'What was thrown is no error but of type string.' },
    nothing: { message: 'What was thrown is no error but of type undefined.' },
    many: { type: 'AggregateError', errors: [{ message: 'the first' }, { message: 'the second' }, {}] },
  }
  for (const name of Object.keys(expected)) {
    child.stdin?.write(`reject ${name}`)
    expect(await heard(child)).toBe('went on')
  }
  child.stdin?.write('throw error')
  expect(await once(child, 'exit')).toEqual([1, null])
  const lines = (await out).trim().split('\n').map(parseJson)
  const message = 'Something failed that nobody waited for.'
  expect(lines.slice(-6, -1)).toMatchObject(
    Object.values(expected).map((err) => ({ level: 'error', message, err })),
  )
  expect(await out).not.toMatch(/canary|headers/)
})
