import { runDemo } from './run-demo.ts'

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.abort())
process.stdout.on('error', () => stopping.abort()) // the reader of a pipe went away

process.exitCode = await runDemo(process.argv.slice(2), {
  setPort: process.env.OUTCRY_PORT,
  write: (line) => void process.stdout.write(`${line}\n`),
  complain: (line) => void process.stderr.write(`${line}\n`),
  signal: stopping.signal,
})
