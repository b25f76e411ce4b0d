import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** The part of Vite's manifest that is needed: chunks by the source they were made of, with what they import at once. */
type Manifest = Record<string, { file: string; isEntry?: boolean; imports?: string[] }>

/** Bytes over the wire. */
export interface FirstLoad {
  readonly gzip: number
  readonly br: number
}

/**
 * How much JavaScript a browser fetches before a page shows: the entry, the chunk of the page at `source` (from `web/`), and all
 * that they import, as the server sends it. Throws when the build has no chunk of that page.
 */
export async function measureFirstLoad(dist: string, source: string): Promise<FirstLoad> {
  const manifest: Manifest = JSON.parse(await readFile(join(dist, '.vite/manifest.json'), 'utf8'))
  if (manifest[source] === undefined)
    throw new Error(`The built web app has no chunk of its own for ${source}.`)
  const entries = Object.keys(manifest).filter((name) => manifest[name]?.isEntry)
  const files = new Set<string>()
  for (const name of [...entries, source]) collect(manifest, name, files)
  const sizes = await Promise.all([...files].map((file) => sizesOf(join(dist, file))))
  return {
    gzip: sizes.reduce((sum, { gzip }) => sum + gzip, 0),
    br: sizes.reduce((sum, { br }) => sum + br, 0),
  }
}

function collect(manifest: Manifest, name: string, files: Set<string>): void {
  const chunk = manifest[name]
  if (chunk === undefined || files.has(chunk.file)) return
  files.add(chunk.file)
  for (const each of chunk.imports ?? []) collect(manifest, each, files)
}

async function sizesOf(path: string): Promise<FirstLoad> {
  const { size } = await stat(path)
  const sizeOf = (ending: string) =>
    stat(path + ending).then(
      (file) => file.size,
      () => size,
    )
  return { gzip: await sizeOf('.gz'), br: await sizeOf('.br') }
}
