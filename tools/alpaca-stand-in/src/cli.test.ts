import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { runCli } from './cli.ts'
import { startStandIn } from './index.ts'
import { twoFreePorts } from './testing/free-ports.ts'

const LAUNCHER = fileURLToPath(new URL('../../../bin/alpaca-stand-in', import.meta.url))

async function run(...args: string[]) {
  const lines: string[] = []
  const errors: string[] = []
  const write = (line: string) => void lines.push(line)
  const complain = (line: string) => void errors.push(line)
  const code = await runCli(args, { write, complain, signal: AbortSignal.abort() })
  return { code, text: lines.join('\n'), errors }
}

it('explains itself', async () => {
  const { code, text } = await run('--help')
  expect(code).toBe(0)
  expect(text).toContain('Usage: alpaca-stand-in [--port PORT]')
})

it.each([
  [['--port', 'x'], '--port takes a number from 1 to 65534.'],
  [['--port', '65535'], '--port takes a number from 1 to 65534.'],
  [['--now', 'noon'], '--now takes a time such as 2026-06-15T14:30:00Z.'],
  [['--loud'], 'The arguments cannot be understood: see alpaca-stand-in --help.'],
  [['paper'], 'The arguments cannot be understood: see alpaca-stand-in --help.'],
])('ends with 2 when called with %j', async (args, sentence) => {
  expect(await run(...args)).toEqual({ code: 2, text: '', errors: [sentence] })
})

it('ends with 1 when it cannot serve', async () => {
  const standIn = await startStandIn()
  const taken = await run('--port', String(standIn.paper.port))
  await standIn.dispose()
  expect(taken).toMatchObject({
    ...{ code: 1, errors: ['The port or the one after it is in use: choose another with --port.'] },
  })
  expect(await run('--now', '2020-01-01')).toMatchObject({
    ...{ code: 1, errors: ['The clock starts at 2026-01-01T00:00:00.000Z.'] },
  })
})

it('serves from its launcher until it is told to stop', async () => {
  const port = await twoFreePorts()
  const args = ['--port', String(port), '--now', '2026-06-15T14:30:00Z']
  const child = spawn(LAUNCHER, args, { cwd: '/', stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = await once(child.stdout.setEncoding('utf8'), 'data')
  expect(said).toContain(`paper     http://127.0.0.1:${port}`)
  const headers = { 'APCA-API-KEY-ID': 'PKFAKE1', 'APCA-API-SECRET-KEY': 'fake-secret-1' }
  const clock = await fetch(`http://127.0.0.1:${port}/v2/clock`, { headers })
  expect(await clock.json()).toMatchObject({ timestamp: '2026-06-15T10:30:00-04:00' })
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
  expect(spawnSync(LAUNCHER, ['--port', '0'], { encoding: 'utf8' })).toMatchObject({
    ...{ status: 2, stderr: '--port takes a number from 1 to 65534.\n' },
  })
})
