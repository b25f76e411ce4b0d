import { readEnvironment } from './config/env.ts'
import { usePackedPackages } from './packed-packages.ts'

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort())
process.stdout.on('error', () => process.exit(1)) // the reader of a pipe went away

usePackedPackages()
const { runCli } = await import('./cli/run-cli.ts')
process.exitCode = await runCli(process.argv.slice(2), {
  env: readEnvironment(),
  cwd: process.cwd(),
  stdin: process.stdin,
  write: (line) => void process.stdout.write(`${line}\n`),
  complain: (line) => void process.stderr.write(`${line}\n`),
  signal: stopping.signal,
})

// Note: nothing that was left open may keep a process alive that is done, least of all one that has held keys. What was
// said has this long to reach its reader.
const LAST_WORDS_MS = 5_000
setTimeout(() => process.exit(), LAST_WORDS_MS).unref()
