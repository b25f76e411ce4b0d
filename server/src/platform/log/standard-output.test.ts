import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
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
    await log.flush()
    process.exit(0)
  })
  process.stderr.write('ready')
`

function start(stdout: 'pipe' | number, format: string) {
  const args = ['--input-type=module', '--eval', program(format)]
  const child = spawn(process.execPath, args, { stdio: ['pipe', stdout, 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

describe.each(['json', 'pretty'])('standard output of %s', (format) => {
  it('holds every line once it is flushed, those behind a write that was under way too', async () => {
    const child = start('pipe', format)
    const out = text(child.stdout ?? Readable.from([]))
    child.stdin?.end()
    expect((await out).match(/x{100}/g)).toHaveLength(LINES)
    expect(await out).toContain('last words')
  })

  it.each([
    ['has no reader any more', true],
    ['is not read', false],
  ])('lets the process end when it %s', async (_what, isGone) => {
    const pipe = await unreadPipe()
    const child = start(pipe.end, format)
    await once(child.stderr ?? new EventEmitter(), 'data')
    if (isGone) pipe.leave()
    child.stdin?.end()
    expect(await once(child, 'exit')).toEqual([0, null])
  })
})
