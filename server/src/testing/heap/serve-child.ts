import { readEnvironment } from '../../config/env.ts'
import { serve } from '../../serve.ts'
import { snapshotOnSignal } from './snapshot-on-signal.ts'

const stopping = new AbortController()
process.once('SIGTERM', () => stopping.abort())
snapshotOnSignal(process.argv[2] ?? '')
await serve({
  roles: new Set(['web', 'worker']),
  signal: stopping.signal,
  env: readEnvironment(),
  cwd: process.cwd(),
  write: (line) => void process.stdout.write(`${line}\n`),
})
