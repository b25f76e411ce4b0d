import { spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const RULES = 'tools/src/lint'

/** What the linter said of some files. */
interface Linted {
  readonly output: string
  readonly status: number | null
}

/** Lints files, by their paths in the repository, by the repository's own configuration, in a folder of their own. */
async function lintFiles(files: Readonly<Record<string, string>>): Promise<Linted> {
  const root = await mkdtemp(join(tmpdir(), 'outcry-lint-'))
  try {
    const config: object = JSON.parse(await readFile(join(ROOT, 'biome.json'), 'utf8'))
    await writeFile(join(root, 'biome.json'), JSON.stringify({ ...config, vcs: { enabled: false } }))
    const filter = (path: string) => !path.endsWith('.ts')
    await cp(join(ROOT, RULES), join(root, RULES), { recursive: true, filter })
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true })
      await writeFile(join(root, path), text)
    }
    const args = ['lint', '--colors=off', '--max-diagnostics=none', 'server']
    const biome = spawnSync(join(ROOT, 'node_modules/.bin/biome'), args, { cwd: root, encoding: 'utf8' })
    return { output: biome.stdout + biome.stderr, status: biome.status }
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

const FOLDER = 'server/src/platform'

/** Expressions to lint, each in a file of its own in `server/src/platform`; `named` by the file's name there. */
export interface Samples {
  readonly refused: readonly string[]
  readonly leftAlone: readonly string[]
  readonly named: Readonly<Record<string, string>>
}

/** What the linter said of samples: those of a list are `refused-0.ts`, `left-alone-0.ts` and so on. */
export async function lintSamples({ refused, leftAlone, named }: Samples) {
  const files = (kind: string, expressions: readonly string[]) =>
    expressions.map((expression, at) => [`${kind}-${at}.ts`, expression] as const)
  const all = [...files('refused', refused), ...files('left-alone', leftAlone), ...Object.entries(named)]
  const linted = await lintFiles(
    Object.fromEntries(all.map(([name, text]) => [`${FOLDER}/${name}`, `export const made = ${text}\n`])),
  )
  return { ...linted, isRefused: (name: string) => linted.output.includes(`${FOLDER}/${name}:1:`) }
}
