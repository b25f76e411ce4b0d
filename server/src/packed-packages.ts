import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Imports of packages that come as hundreds of small files, and the file that each is packed into. */
export const packedFiles: ReadonlyMap<string, string> = new Map([
  ['kysely', 'kysely.js'],
  ['typebox', 'typebox.js'],
  ['typebox/compile', 'typebox-compile.js'],
])

/** To be raised when the same files are to be packed in another way. */
const FORMAT = 1
const ROOT = join(import.meta.dirname, '../..')

/**
 * The folder for the packed files of a checkout: named after the versions that are installed, and after what is packed and
 * how. Throws when one is not installed.
 */
export function packedFolder(root: string = ROOT): string {
  const names = new Set([...packedFiles.keys()].map((specifier) => specifier.split('/')[0] ?? ''))
  const versions = [...names].map((name) => {
    const text = readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')
    const { version } = JSON.parse(text) as { version: string }
    return `${name}@${version}`
  })
  const way = createHash('sha256')
    .update(JSON.stringify([FORMAT, ...packedFiles]))
    .digest('hex')
    .slice(0, 8)
  return join(root, 'server/packed', [...versions, way].join('+'))
}

/**
 * From now on these packages are loaded from what `npm start` has packed; where nothing is packed for the versions that are
 * installed, as they come, which takes longer. To be called before any of them is loaded, so that none is twice.
 */
export function usePackedPackages(): void {
  const folder = folderIfPacked()
  if (folder === undefined) return
  const urls = new Map(
    [...packedFiles].map(([specifier, file]) => [specifier, pathToFileURL(join(folder, file)).href]),
  )
  registerHooks({
    resolve(specifier, context, next) {
      const isOurs = !context.parentURL?.includes('/node_modules/')
      const url = isOurs ? urls.get(specifier) : undefined
      return url === undefined ? next(specifier, context) : { url, format: 'module', shortCircuit: true }
    },
  })
}

function folderIfPacked(): string | undefined {
  try {
    const folder = packedFolder()
    return existsSync(folder) ? folder : undefined
  } catch {
    return undefined // installed elsewhere than in this checkout
  }
}
