import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'

/** What the built app follows from, beside `web/`: the contract, the versions of packages, compiler settings, this tool. */
const SOURCES_BESIDE = ['contract/src', 'package-lock.json', 'tsconfig.json', 'tools/src/web-app']
const NOT_BUILT = /^(?:[.].*|dist|journeys|node_modules)$|[.]test[.]tsx?$/

/**
 * A SHA-256 over the names and bytes of everything that the web app under `root` is built from; tests are left out. Equal
 * hashes mean equal builds.
 */
export async function hashSources(root: string): Promise<string> {
  const found = await Promise.all(['web', ...SOURCES_BESIDE].map((source) => filesIn(join(root, source))))
  const paths = found.flat().toSorted()
  const contents = await Promise.all(paths.map((path) => readFile(path)))
  const hash = createHash('sha256')
  contents.forEach((content, at) => {
    const name = relative(root, paths[at] ?? '')
      .split(sep)
      .join('/')
    hash.update(`${name}\0${content.length}\0`).update(content)
  })
  return hash.digest('hex')
}

async function filesIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOTDIR') return undefined
    throw error
  })
  if (entries === undefined) return [path]
  const wanted = entries.filter((entry) => !NOT_BUILT.test(entry.name))
  const found = await Promise.all(
    wanted.map((entry) => {
      const inside = join(path, entry.name)
      if (entry.isDirectory()) return filesIn(inside)
      return entry.isFile() ? [inside] : []
    }),
  )
  return found.flat()
}
