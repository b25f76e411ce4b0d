import { parseArgs } from 'node:util'
import { type StandIn, startStandIn } from './index.ts'

const DEFAULT_PORT = 4100

const HELP = `Usage: alpaca-stand-in [--port PORT] [--seed TEXT] [--now TIME]

A double of the Alpaca trading API on this machine, for tests and for trying things out. It serves paper on PORT and
live on the next one, on 127.0.0.1 only. No order reaches a market, and real keys are refused.

  --port PORT  where paper is served; live is on PORT + 1 (default ${DEFAULT_PORT})
  --seed TEXT  accounts and prices follow from it (default outcry)
  --now TIME   where the clock stands still, such as 2026-06-15T14:30:00Z; without it, it goes with the machine's
  --help       this page

Keys: ids that begin with PKFAKE on paper and with AKFAKE on live, with any secret that begins with fake-secret-. Every
key id has an account of its own. GET /_stand-in/ on either port lists what can be done to the stand-in: faults, time,
prices, fills, races, the stream, and the log of calls.`

const OPTIONS = {
  port: { type: 'string' },
  seed: { type: 'string' },
  now: { type: 'string' },
  help: { type: 'boolean' },
} as const

export type Terminal = {
  write(line: string): void
  complain(line: string): void
  /** Ends the stand-in. */
  signal: AbortSignal
}

class UsageError extends Error {}

/** Runs the stand-in until the signal. Gives the exit code: 0, 1 when it could not be served, 2 when called wrongly. */
export async function runCli(args: string[], { write, complain, signal }: Terminal): Promise<number> {
  try {
    const options = readOptions(args)
    if (options === 'help') {
      write(HELP)
      return 0
    }
    const standIn = await startStandIn(options)
    write(greeting(standIn))
    if (!signal.aborted)
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    await standIn.dispose()
    return 0
  } catch (error) {
    complain(sentenceOf(error))
    return error instanceof UsageError ? 2 : 1
  }
}

function readOptions(args: string[]) {
  const values = parse(args)
  if (values.help) return 'help'
  const port = values.port === undefined ? DEFAULT_PORT : Number(values.port)
  if (!Number.isInteger(port) || port < 1 || port > 65_534) {
    throw new UsageError('--port takes a number from 1 to 65534.')
  }
  const now = values.now === undefined ? new Date() : new Date(values.now)
  if (Number.isNaN(now.getTime())) throw new UsageError('--now takes a time such as 2026-06-15T14:30:00Z.')
  return { port, seed: values.seed ?? 'outcry', now, isRunning: values.now === undefined }
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, strict: true }).values
  } catch {
    throw new UsageError('The arguments cannot be understood: see alpaca-stand-in --help.')
  }
}

function greeting({ paper, live }: StandIn): string {
  return [
    'Alpaca stand-in: nothing here is real, and no order reaches a market.',
    `paper     ${paper.url}`,
    `live      ${live.url}`,
    `controls  ${paper.url}/_stand-in/`,
  ].join('\n')
}

function sentenceOf(error: unknown): string {
  if (error instanceof UsageError || error instanceof RangeError) return error.message
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE') return 'The port or the one after it is in use: choose another with --port.'
  if (code === 'EACCES') return 'The port may not be used by this account: choose one above 1023 with --port.'
  return `The stand-in could not start: ${error instanceof Error ? error.message : String(error)}`
}
