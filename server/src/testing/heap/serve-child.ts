import { loadConfig } from '../../config/config.ts'
import { readEnvironment } from '../../config/env.ts'
import { serve } from '../../serve.ts'
import { spawnVault } from '../../vault-program.ts'
import { snapshotOnSignal } from './snapshot-on-signal.ts'

const stopping = new AbortController()
process.once('SIGTERM', () => stopping.abort())
snapshotOnSignal(process.argv[2] ?? '')
const place = { env: readEnvironment(), cwd: process.cwd() }
await serve({
  ...place,
  config: loadConfig(place.env, place.cwd),
  vaultProcess: spawnVault(place),
  roles: new Set(['web', 'worker']),
  signal: stopping.signal,
  write: (line) => void process.stdout.write(`${line}\n`),
})
