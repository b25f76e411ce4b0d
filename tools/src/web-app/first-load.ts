import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** The part of Vite's manifest that is needed: chunks by what they were made of, with what they import at once and later. */
type Manifest = Record<string, Chunk>
type Chunk = { file: string; isEntry?: boolean; imports?: string[]; dynamicImports?: string[] }

/** Bytes over the wire. */
export interface FirstLoad {
  readonly gzip: number
  readonly br: number
}

/**
 * How much JavaScript a browser fetches for the page at `source` (from `web/`): the entry, the page's own chunk, what they
 * import, and what the page itself imports later, as the server sends it. Throws when the page has no chunk of its own.
 */
export async function measureFirstLoad(dist: string, source: string): Promise<FirstLoad> {
  const manifest: Manifest = JSON.parse(await readFile(join(dist, '.vite/manifest.json'), 'utf8'))
  if (manifest[source] === undefined)
    throw new Error(`The built web app has no chunk of its own for ${source}.`)
  const entries = Object.keys(manifest).filter((name) => manifest[name]?.isEntry)
  const chunks = new Set<Chunk>()
  for (const name of entries) collect(manifest, name, chunks)
  const ofEntry = new Set(chunks)
  collect(manifest, source, chunks)
  for (const { dynamicImports = [] } of chunks.difference(ofEntry)) {
    for (const name of dynamicImports) collect(manifest, name, chunks)
  }
  const sizes = await Promise.all([...chunks].map(({ file }) => sizesOf(join(dist, file))))
  return {
    gzip: sizes.reduce((sum, { gzip }) => sum + gzip, 0),
    br: sizes.reduce((sum, { br }) => sum + br, 0),
  }
}

function collect(manifest: Manifest, name: string, chunks: Set<Chunk>): void {
  const chunk = manifest[name]
  if (chunk === undefined || chunks.has(chunk)) return
  chunks.add(chunk)
  for (const each of chunk.imports ?? []) collect(manifest, each, chunks)
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
