import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { closeSync, openSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { scratchFolder } from '../../testing/run-command.ts'
import { unreadPipe } from '../../testing/unread-pipe.ts'

const LINES = 2_000

/** A program that logs more than a pipe holds once it is told to, waits until that is written, and ends itself. */
const program = (format: string) => `
  const { createLogger } = await import(${JSON.stringify(new URL('./logger.ts', import.meta.url).href)})
  process.stdout // as the server does: what is written to a pipe then waits for nobody
  const log = createLogger({ format: '${format}' })
  process.stdin.resume()
  process.stdin.once('end', async () => {
    for (let i = 1; i <= ${LINES}; i++) log.info({ i }, 'x'.repeat(100))
    log.fatal({}, 'last words')
    process.exit((await log.flush()) ? 0 : 3)
  })
  process.stderr.write('ready')
`

function start(stdout: 'pipe' | number, format: string) {
  const args = ['--input-type=module', '--eval', program(format)]
  const child = spawn(process.execPath, args, { stdio: ['pipe', stdout, 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/**
 * A program that logs each order, the first behind more than its disk has room for, a flood behind more than it may keep. It
 * waits for no line before its end.
 */
const WITHOUT_ROOM = (format: string) => `
  const { stat } = await import('node:fs/promises')
  const { createLogger } = await import(${JSON.stringify(new URL('./logger.ts', import.meta.url).href)})
  const log = createLogger({ format: '${format}' })
  process.stdin.on('data', async (order) => {
    const filling = { first: 2, flood: 300 }[order] ?? 0
    for (let i = 0; i < filling; i++) log.info({ i }, 'x'.repeat(18 * 1024))
    log.info({}, String(order))
    for (let i = 0; i < 100; i++) await stat('/') // what was to be written before has been, or has failed
    process.stderr.write('did ' + order)
  })
  process.stdin.on('end', () => log.flush().then(() => process.exit(0)))
  process.stderr.write('ready')
`

/** Starts it with an output that may have 20 KiB, as every file of this process. */
async function startWithoutRoom(path: string, format: string) {
  const output = openSync(path, 'a')
  onTestFinished(() => closeSync(output))
  const args = [process.execPath, '--input-type=module', '--eval', WITHOUT_ROOM(format)]
  const child = spawn('/bin/sh', ['-c', 'ulimit -f 40 && exec "$0" "$@"', ...args], {
    stdio: ['pipe', output, 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const heard = async () => String(await once(child.stderr ?? new EventEmitter(), 'data'))
  await heard()
  return {
    async log(order: string): Promise<void> {
      child.stdin?.write(order)
      expect(await heard()).toBe(`did ${order}`)
    },
    async end(): Promise<void> {
      child.stdin?.end()
      expect(await once(child, 'exit')).toEqual([0, null])
    },
  }
}

const MANY = 9_000

/** A program that writes 9 MB at once to its log, and logs once more when all that it kept is written. */
const FLOODING = (format: string, write: string) => `
  const { createLogger } = await import(${JSON.stringify(new URL('./logger.ts', import.meta.url).href)})
  const log = createLogger({ format: '${format}' })
  for (let i = 0; i < ${MANY}; i++) ${write}
  const written = async () => { while (!(await log.flush())); }
  process.stdin.on('data', async () => {
    await written()
    log.info({}, 'after it')
    await written()
    process.exit(0)
  })
  process.stderr.write('ready')
`

describe.each(['json', 'pretty'])('standard output of %s', (format) => {
  it('holds every line once it is flushed, those behind a write that was under way too', async () => {
    const child = start('pipe', format)
    const out = text(child.stdout ?? Readable.from([]))
    child.stdin?.end()
    expect((await out).match(/x{100}/g)).toHaveLength(LINES)
    expect(await out).toContain('last words')
  })

  it.each([
    ['no, when it has a reader no more', true, 0],
    ['yes, when it is not read', false, 3],
  ])('lets the process end and says whether it gave up: %s', async (_answer, isGone, code) => {
    const pipe = await unreadPipe()
    const child = start(pipe.end, format)
    await once(child.stderr ?? new EventEmitter(), 'data')
    if (isGone) pipe.leave()
    child.stdin?.end()
    expect(await once(child, 'exit')).toEqual([code, null])
  })

  it.each([
    ['its own', `log.info({}, 'x'.repeat(1_000))`],
    ['another process', `log.relay('x'.repeat(1_000))`],
  ])(
    'keeps 4 MiB at most of lines of %s for a reader that does not read, and says how many it lost',
    async (_whose, write) => {
      const child = spawn(process.execPath, ['--input-type=module', '--eval', FLOODING(format, write)])
      onTestFinished(() => void child.kill('SIGKILL'))
      await once(child.stderr, 'data')
      const out = text(child.stdout)
      child.stdin.write('end')
      expect(await once(child, 'exit')).toEqual([0, null])
      const kept = (await out).match(/x{1000}/g)?.length ?? 0
      expect(kept * 1_000).toBeGreaterThan(3.5 * 1_024 * 1_024)
      expect(kept * 1_000).toBeLessThan(4 * 1_024 * 1_024)
      const [told = '', ...more] = (await out).split('Lines of the log were lost').slice(1)
      expect(more).toEqual([])
      expect(told).toContain('after it')
      expect(told).not.toContain('xxx')
      const [, lost] = /\blines"?: ?(\d+)/.exec(stripVTControlCharacters(await out)) ?? []
      expect(Number(lost)).toBe(MANY - kept)
    },
  )

  it.runIf(process.platform === 'linux')('R6: lets the process go on when its disk is full', async () => {
    const program = await startWithoutRoom('/dev/full', format)
    for (const order of ['first', 'second', 'third']) await program.log(order)
    await program.end()
  })

  it('R6: keeps what finds no room, and writes it when there is some', async () => {
    const path = join(await scratchFolder(), 'log')
    const program = await startWithoutRoom(path, format)
    for (const order of ['first', 'second']) await program.log(order)
    expect(readFileSync(path, 'utf8')).not.toMatch(/first|second/)
    truncateSync(path)
    await program.log('third')
    await program.end()
    expect(readFileSync(path, 'utf8').match(/first|second|third/g)).toEqual(['first', 'second', 'third'])
  })

  it('R6: writes by itself what found no room, though nothing more may wait', async () => {
    const path = join(await scratchFolder(), 'log')
    const program = await startWithoutRoom(path, format)
    await program.log('flood')
    truncateSync(path)
    await expect.poll(() => statSync(path).size, { timeout: 20_000 }).toBeGreaterThan(0)
    await program.end()
  })
})
