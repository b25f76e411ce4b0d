import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const HERE = dirname(fileURLToPath(import.meta.url))
const CRUISER = join(HERE, '../../../node_modules/.bin/depcruise')
const WORKSPACES = ['bench', 'contract', 'server', 'tools', 'web']

/** Holds the imports of the workspaces under `root` against our rules. The output is dependency-cruiser's. */
export function cruise(root: string, outputType: 'err-long' | 'json'): { status: number; output: string } {
  const args = [
    '--import',
    join(HERE, 'typescript-for-cruiser.ts'),
    CRUISER,
    ...['--config', join(HERE, 'rules.ts')],
    ...['--output-type', outputType],
    ...WORKSPACES,
  ]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  })
  return { status: status ?? 1, output: stdout + stderr }
}
