import { parseArgs } from 'node:util'
import { DemoError } from './demo-error.ts'
import { type Demo, startDemo } from './start-demo.ts'

const DEFAULT_PORT = 4000

const HELP = `Usage: npm run demo -- [--port PORT]

Serves a made-up community with a broker's stand-in on this machine, to try things out. Everything lies in a folder of its
own, which is deleted at the end. Your settings, data and keys are not touched; of the settings only OUTCRY_PORT counts.

  --port PORT  where it is served (default OUTCRY_PORT, or else ${DEFAULT_PORT})
  --help       this page`

/** What the demo may use of the world. */
export interface DemoTerminal {
  /** What OUTCRY_PORT says. */
  readonly setPort?: string | undefined
  readonly write: (line: string) => void
  readonly complain: (line: string) => void
  /** Ends the demo. */
  readonly signal: AbortSignal
}

class UsageError extends Error {}

function portIn(args: readonly string[], setPort: string | undefined): number | 'help' {
  const values = valuesIn(args)
  if (values.help) return 'help'
  if (values.port !== undefined) return portOf(values.port, '--port takes a number from 1 to 65535.')
  return setPort ? portOf(setPort, 'OUTCRY_PORT takes a number from 1 to 65535 here.') : DEFAULT_PORT
}

function portOf(text: string, complaint: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (port > 0 && port < 65_536) return port
  throw new UsageError(complaint)
}

function valuesIn(args: readonly string[]) {
  const options = { port: { type: 'string' }, help: { type: 'boolean' } } as const
  try {
    return parseArgs({ args: [...args], options, strict: true }).values
  } catch {
    throw new UsageError('The arguments cannot be understood: see npm run demo -- --help.')
  }
}

function greeting({ url, username, adminName, password }: Demo): string[] {
  return [
    'This is a DEMO: nobody in it is real, no order reaches a market, and no mail is sent.',
    '',
    `  open       ${url}`,
    `  sign in    ${username}`,
    `  or as      ${adminName}`,
    `  password   ${password}`,
    '',
    'Ctrl-C ends it. Everything is thrown away then.',
  ]
}

const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

async function demonstrate(port: number, { write, complain, signal }: DemoTerminal): Promise<number> {
  write('Preparing the demo …')
  const demo = await startDemo({ port, relay: complain })
  try {
    for (const line of greeting(demo)) write(line)
    await Promise.race([untilAborted(signal), demo.ended])
  } finally {
    await demo.stop()
  }
  if (!signal.aborted) throw new DemoError('The server ended by itself; the demo is over.')
  write('The demo is over, and nothing of it is left.')
  return 0
}

/** Runs the demo until the signal. Gives the exit code: 0, 1 when it could not be served, 2 when called wrongly. */
export async function runDemo(args: readonly string[], terminal: DemoTerminal): Promise<number> {
  try {
    const port = portIn(args, terminal.setPort)
    if (port !== 'help') return await demonstrate(port, terminal)
    terminal.write(HELP)
    return 0
  } catch (error) {
    if (!(error instanceof DemoError || error instanceof UsageError)) throw error
    terminal.complain(error.message)
    const isTaken = error.message.includes('another program has that address and port')
    if (isTaken) terminal.complain('Choose another port: npm run demo -- --port 4100')
    return error instanceof UsageError ? 2 : 1
  }
}
