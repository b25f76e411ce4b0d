import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { runCli } from '../cli/run-cli.ts'
import type { DatabaseLocation, Dialect } from '../platform/db/index.ts'
import { createTestDatabase } from './for-each-database.ts'

const BIN = fileURLToPath(new URL('../../../bin/outcry', import.meta.url))

/** What a command said and how it ended. */
export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** An instance for commands: a data folder and a database of its own, gone after the test. */
export interface CommandInstance {
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  /** Runs a command in this process. */
  run(args: readonly string[], options?: RunOptions): Promise<Ran>
  /** Runs the real program. */
  spawn(args: readonly string[], options?: RunOptions & { readonly stdin?: string }): Promise<Ran>
  /** Starts the real program and leaves it running. */
  start(args: readonly string[]): ChildProcess
}

export interface RunOptions {
  readonly stdin?: string | Readable
  readonly env?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/** A folder of one test's own. */
export async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'outcry-cli-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })) // a killed server's vault goes a moment later
  return folder
}

async function runHere(args: readonly string[], folder: string, options: Required<RunOptions>): Promise<Ran> {
  const out: string[] = []
  const err: string[] = []
  const code = await runCli(args, {
    env: options.env,
    cwd: folder,
    stdin: typeof options.stdin === 'string' ? Readable.from([options.stdin]) : options.stdin,
    write: (line) => out.push(line),
    complain: (line) => err.push(line),
    signal: options.signal,
  })
  return { code, out: out.join('\n'), err: err.join('\n') }
}

function startProgram(args: readonly string[], folder: string, env: Readonly<Record<string, string>>) {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('OUTCRY_'))
  return spawn(BIN, args, { cwd: folder, env: { ...Object.fromEntries(kept), ...env } })
}

/** Collects what a started program says, until it ends. */
export function ended(program: ChildProcess): Promise<Ran> {
  let [out, err] = ['', '']
  program.stdout?.setEncoding('utf8').on('data', (text) => {
    out += String(text)
  })
  program.stderr?.setEncoding('utf8').on('data', (text) => {
    err += String(text)
  })
  return new Promise((resolve) => program.once('close', (code) => resolve({ code, out, err })))
}

/** Makes an instance whose settings name a fresh database; nothing is in it yet. */
export async function commandInstance(dialect: Dialect): Promise<CommandInstance> {
  const { location, drop } = await createTestDatabase(dialect)
  onTestFinished(drop)
  return instanceOn(location)
}

/** The same on a database that somebody else has made. */
export async function instanceOn(location: DatabaseLocation): Promise<CommandInstance> {
  const folder = await scratchFolder()
  const env = {
    OUTCRY_DATA_DIR: join(folder, 'data'),
    OUTCRY_PORT: '0',
    ...(location.kind === 'sqlite'
      ? { OUTCRY_DATABASE_URL: `sqlite:${location.path}` }
      : { OUTCRY_DATABASE_URL: location.url, OUTCRY_DATABASE_ADMIN_URL: location.adminUrl ?? '' }),
  }
  const signal = new AbortController().signal
  return {
    folder,
    env,
    run: (args, options = {}) =>
      runHere(args, folder, { stdin: '', signal, ...options, env: { ...env, ...options.env } }),
    spawn(args, options = {}) {
      const program = startProgram(args, folder, { ...env, ...options.env })
      program.stdin?.end(options.stdin ?? '')
      return ended(program)
    },
    start(args) {
      const program = startProgram(args, folder, env)
      onTestFinished(() => void program.kill('SIGKILL'))
      return program
    },
  }
}
