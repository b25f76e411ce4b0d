import { spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const RULE = 'tools/src/lint/compare-in-constant-time.grit'
const FOLDER = 'server/src/platform'

const REFUSED = [
  'token === given',
  'given !== row.token_hash',
  'session.refreshToken == given',
  'digestToken(text) !== row.digest',
  "createHmac('sha256', key).update(text).digest('hex') === given.mac",
  'codes[0]?.code === given || isOpen',
  'user?.password_hash !== given',
  'digest.equals(given)',
  'Buffer.compare(given, signature) === 0',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the source of a template
  "`Bearer ${token}` === header.split(',')[0]",
]

const LEFT_ALONE = [
  'token === undefined',
  "error.code !== 'ENOENT'",
  'error.errcode === BUSY',
  "typeof token === 'string'",
  'token.length === 43',
  'session.token_id === id',
  'equalDigests(digest, given)',
]

let root: string
let output: string
let status: number | null

/** Lints every comparison in a file of its own, by the repository's own configuration, in a folder of its own. */
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'outcry-lint-'))
  const config: object = JSON.parse(await readFile(join(ROOT, 'biome.json'), 'utf8'))
  await writeFile(join(root, 'biome.json'), JSON.stringify({ ...config, vcs: { enabled: false } }))
  await cp(join(ROOT, RULE), join(root, RULE), { recursive: true })
  await mkdir(join(root, FOLDER), { recursive: true })
  const write = (name: string, comparison: string) =>
    writeFile(join(root, FOLDER, name), `export const isSame = ${comparison}\n`)
  await Promise.all(REFUSED.map((comparison, at) => write(`refused-${at}-is.ts`, comparison)))
  await Promise.all(LEFT_ALONE.map((comparison, at) => write(`left-alone-${at}-is.ts`, comparison)))
  await write('made-up.test.ts', 'token === given')
  const args = ['lint', '--colors=off', '--max-diagnostics=none', FOLDER]
  const biome = spawnSync(join(ROOT, 'node_modules/.bin/biome'), args, { cwd: root, encoding: 'utf8' })
  output = biome.stdout + biome.stderr
  status = biome.status
})
afterAll(() => rm(root, { recursive: true, force: true }))

const isRefused = (name: string) => output.includes(`${FOLDER}/${name}:1:`)

describe('the linter', () => {
  it.each(REFUSED.map((comparison, at) => ({ comparison, at })))('C50: refuses $comparison', ({ at }) => {
    expect(isRefused(`refused-${at}-is.ts`), output).toBe(true)
    expect(output).toContain('equalDigests')
    expect(status).toBe(1)
  })

  it.each(LEFT_ALONE.map((comparison, at) => ({ comparison, at })))('leaves $comparison alone', ({ at }) => {
    expect(isRefused(`left-alone-${at}-is.ts`), output).toBe(false)
  })

  it('leaves tests alone', () => {
    expect(isRefused('made-up.test.ts')).toBe(false)
  })
})
