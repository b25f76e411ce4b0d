import { environmentProblem, readEnvironment } from './config/env.ts'
import { usePackedPackages } from './packed-packages.ts'
import { errorCode } from './platform/error-code.ts'

const FAILURE = 1

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort())
process.stdout.on('error', (error) => {
  const code = errorCode(error)
  if (code === 'EPIPE') process.exit(FAILURE) // the reader of a pipe went away
  // Note: whatever else it is, such as a full disk, may pass. A server serves on meanwhile; a command has failed in the end.
  if (!process.exitCode) process.stderr.write(`Standard output cannot be written (${code}).\n`)
  process.exitCode ||= FAILURE
})
process.stderr.on('error', () => undefined) // nobody is left to be told

const problem = environmentProblem()
if (problem !== undefined) {
  process.stderr.write(`${problem}\n`)
  process.exit(FAILURE)
}

usePackedPackages()
const { runCli } = await import('./cli/run-cli.ts')
const exitCode = await runCli(process.argv.slice(2), {
  env: readEnvironment(),
  cwd: process.cwd(),
  stdin: process.stdin,
  write: (line) => void process.stdout.write(`${line}\n`),
  complain: (line) => void process.stderr.write(`${line}\n`),
  signal: stopping.signal,
})
process.exitCode ||= exitCode

const hasFileWork = (): boolean => process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'))

// Note: nothing that was left open may keep a process alive that is done, least of all one that has held keys. What was
// said has this long to reach its reader. A thread may still write the log to a terminal that stands still: `process.exit()`
// would wait for it.
const LAST_WORDS_MS = 5_000
setTimeout(() => {
  if (hasFileWork()) process.kill(process.pid, 'SIGKILL')
  else process.exit()
}, LAST_WORDS_MS).unref()
