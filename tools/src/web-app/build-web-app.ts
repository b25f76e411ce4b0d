import { randomUUID } from 'node:crypto'
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { runCommand } from '../check/run-command.ts'
import { compressFiles } from './compress-files.ts'
import { hashSources } from './source-hash.ts'

export interface BuildOptions {
  /** The checkout, with packages installed. */
  readonly root: string
  /** Tells the person who waits. */
  readonly say: (line: string) => void
}

const BUILT_FROM = '.built-from'
const UNDER_WAY = '.dist-'
const LEFT_BEHIND_MS = 60 * 60_000 // no build takes that long
const SWAPS = 10
const TAKEN = ['ENOTEMPTY', 'EEXIST'] // POSIX leaves the choice

/**
 * Builds `web/` into `web/dist` unless what lies there was built from the same sources. The new one is made beside the old
 * one, so that whatever goes wrong leaves the old one: only a kill between the two renames at the end leaves none, and the
 * next start builds again. Several processes may build at once. Throws an error with a sentence for the person who waits.
 */
export async function buildWebApp({ root, say }: BuildOptions): Promise<'unchanged' | 'built'> {
  const web = join(root, 'web')
  const dist = join(web, 'dist')
  const hash = await hashSources(root)
  if ((await builtFrom(dist)) === hash) return 'unchanged'
  say('Building the web app (again only when its sources change) …')
  const startedMs = performance.now()
  await removeLeftBehind(web)
  const fresh = join(web, UNDER_WAY + randomUUID())
  try {
    await runVite(web, fresh)
    await compressFiles(fresh)
    await writeFile(join(fresh, BUILT_FROM), hash)
    await putInPlace(fresh, dist, hash)
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
  say(`Built in ${((performance.now() - startedMs) / 1_000).toFixed(1)} s.`)
  return 'built'
}

async function builtFrom(dist: string): Promise<string | undefined> {
  return readFile(join(dist, BUILT_FROM), 'utf8').catch(() => undefined)
}

async function runVite(web: string, outDir: string): Promise<void> {
  const manifest = createRequire(join(web, 'package.json')).resolve('vite/package.json')
  const vite = join(dirname(manifest), 'bin/vite.js')
  const options = ['--outDir', outDir, '--emptyOutDir', '--manifest', '--logLevel', 'warn']
  const { exitCode, output } = await runCommand([process.execPath, vite, 'build', web, ...options], {
    live: false,
    env: environment(),
  })
  if (exitCode !== 0) throw new Error(`${output.trim()}\nThe web app could not be built: see above.`)
}

/** What a build needs to know: not the server's settings, some of which are secret, and no other mode. */
function environment(): Record<string, string | undefined> {
  const others = Object.entries(process.env).filter(([name]) => !/^(?:OUTCRY_|VITE|NODE_OPTIONS$)/.test(name))
  return { ...Object.fromEntries(others), NODE_ENV: 'production' }
}

async function removeLeftBehind(web: string): Promise<void> {
  for (const name of await readdir(web)) {
    if (!name.startsWith(UNDER_WAY)) continue
    const path = join(web, name)
    const madeMs = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => Date.now(),
    )
    if (Date.now() - madeMs > LEFT_BEHIND_MS) await rm(path, { recursive: true, force: true })
  }
}

/** A folder cannot be renamed onto a full one, so the old one steps aside first; whoever comes between is overtaken. */
async function putInPlace(fresh: string, dist: string, hash: string): Promise<void> {
  const old = `${fresh}-old`
  for (let swap = 0; swap < SWAPS; swap++) {
    if ((await builtFrom(dist)) === hash) return
    const hadOld = await renameUnless(['ENOENT'], dist, old)
    try {
      if (await renameUnless(TAKEN, fresh, dist)) return
    } catch (error) {
      if (hadOld) await renameUnless(TAKEN, old, dist)
      throw error
    } finally {
      await rm(old, { recursive: true, force: true })
    }
  }
  throw new Error('Another build of the web app keeps getting in the way; try again when it is done.')
}

/** Renames; answers false when it failed for a reason that is expected. */
async function renameUnless(expected: readonly string[], from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to)
    return true
  } catch (error) {
    if (expected.includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
}
