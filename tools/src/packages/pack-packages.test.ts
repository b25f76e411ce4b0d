import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packedFiles, packedFolder } from '../../../server/src/packed-packages.ts'
import { packPackages } from './pack-packages.ts'

const ROOT = join(import.meta.dirname, '../../..')
const MODULE = pathToFileURL(join(ROOT, 'server/src/packed-packages.ts')).href
let checkout: string

beforeAll(async () => {
  checkout = await mkdtemp(join(tmpdir(), 'outcry-packages-'))
  await symlink(join(ROOT, 'node_modules'), join(checkout, 'node_modules'))
  await mkdir(join(checkout, 'server/packed/typebox@0.0.1'), { recursive: true })
})

const WITHOUT_SETTINGS = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('OUTCRY_')),
)

afterAll(() => rm(checkout, { recursive: true, force: true }))

/** What a module that a program of its own imports is loaded from. */
async function loadedFrom(specifier: string, preparation: string): Promise<string> {
  const program = `${preparation}; process.stdout.write(import.meta.resolve('${specifier}'))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: ROOT,
  })
  return stdout
}

describe('packed packages', () => {
  it('are made once per version, each with all that its package exports, in place of older ones', async () => {
    expect(await packPackages({ root: checkout })).toBe('packed')
    const folder = packedFolder(checkout)
    expect(await readdir(join(checkout, 'server/packed'))).toEqual([basename(folder)])
    for (const [specifier, file] of packedFiles) {
      const packed: object = await import(pathToFileURL(join(folder, file)).href)
      const asItComes: object = await import(specifier)
      expect(Object.keys(packed).toSorted()).toEqual(Object.keys(asItComes).toSorted())
    }
    expect(await packPackages({ root: checkout })).toBe('unchanged')
  })

  it('are packed once by two processes at once', async () => {
    await rm(packedFolder(checkout), { recursive: true })
    await Promise.all([packPackages({ root: checkout }), packPackages({ root: checkout })])
    expect(await readdir(join(checkout, 'server/packed'))).toEqual([basename(packedFolder(checkout))])
  })

  it('are all that the program loads of these packages', async () => {
    await packPackages({ root: ROOT })
    const recorder = `import { registerHooks } from 'node:module'
      const urls = []
      registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) })
      process.on('exit', () => process.stderr.write(urls.join('\\n')))`
    const { stderr } = await promisify(execFile)(
      process.execPath,
      [
        `--import=data:text/javascript,${encodeURIComponent(recorder)}`,
        join(ROOT, 'server/src/main.ts'),
        'openapi',
      ],
      { cwd: ROOT, maxBuffer: 2 ** 24, env: WITHOUT_SETTINGS },
    )
    const loaded = stderr.split('\n')
    for (const file of packedFiles.values())
      expect(loaded).toContain(pathToFileURL(join(packedFolder(), file)).href)
    expect(loaded.filter((url) => /\/node_modules\/(?:kysely|typebox)\//.test(url))).toEqual([])
  })

  it('are what our sources get, and no package that has its own', async () => {
    await packPackages({ root: ROOT })
    const use = `const { usePackedPackages } = await import('${MODULE}'); usePackedPackages()`
    for (const [specifier, file] of packedFiles) {
      const packed = pathToFileURL(join(packedFolder(), file)).href
      expect(await loadedFrom(specifier, use)).toBe(packed)
      expect(await loadedFrom(specifier, '')).toContain('/node_modules/')
    }
  })

  it('are all that the sources import of these packages but types', async () => {
    const sources = globSync('{server,contract}/src/**/*.ts', { cwd: ROOT })
    const texts = await Promise.all(sources.map((source) => readFile(join(ROOT, source), 'utf8')))
    const imports = texts.flatMap((text) => [
      ...text.matchAll(
        /(?:^(?:import|export) (?!type )[^']*? from |import\()'((?:kysely|typebox)\b[^']*)'/gm,
      ),
    ])
    const imported = new Set(imports.map(([, specifier]) => specifier))
    expect([...imported].toSorted()).toEqual([...packedFiles.keys()])
  })
})
