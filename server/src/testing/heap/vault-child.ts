import { runVaultProcess } from '../../vault-process.ts'
import { snapshotOnSignal } from './snapshot-on-signal.ts'

const say = (line: string) => void process.stdout.write(`${line}\n`)

snapshotOnSignal(process.argv[2] ?? '')
await runVaultProcess({
  env: process.env,
  cwd: process.cwd(),
  stdin: process.stdin,
  write: say,
  forgetting: { delayMs: 200, onDone: () => say('forgotten') },
})
