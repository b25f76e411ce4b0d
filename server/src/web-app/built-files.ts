import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { errorCode } from '../platform/error-code.ts'
import type { Compression } from './accept-encoding.ts'

/** A file of the web app, with what the build made of it by compression. */
export interface BuiltFile {
  readonly contentType: string
  readonly plain: Buffer
  readonly compressed: ReadonlyMap<Compression, Buffer>
}

/** What `npm start` built of `web/`. */
export interface BuiltWebApp {
  /** The text of index.html, its placeholders not filled. */
  readonly shell: string
  /** By the path that they are served at, such as `/assets/main-Ab12.js`. */
  readonly files: ReadonlyMap<string, BuiltFile>
}

const SHELL = 'index.html'
const ENDINGS: Readonly<Record<string, Compression>> = { '.br': 'br', '.gz': 'gzip' }

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
}

/**
 * Reads a built web app whole, so that nothing a request says ever becomes a path on disk. Nothing when `dir` holds none.
 * Leaves out hidden files and symbolic links.
 */
export async function readBuiltWebApp(dir: string): Promise<BuiltWebApp | undefined> {
  const shell = await readShell(dir)
  if (shell === undefined) return undefined
  const contents = await readContents(dir)
  return { shell, files: new Map([...contents.keys()].flatMap((path) => fileAt(path, contents))) }
}

async function readShell(dir: string): Promise<string | undefined> {
  try {
    return await readFile(join(dir, SHELL), 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** The bytes of every file under `dir`, by its path from there with slashes. */
async function readContents(dir: string): Promise<ReadonlyMap<string, Buffer>> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(
      (path) =>
        !relative(dir, path)
          .split(sep)
          .some((part) => part.startsWith('.')),
    )
  const pairs = paths.map(
    async (path) => [relative(dir, path).split(sep).join('/'), await readFile(path)] as const,
  )
  return new Map(await Promise.all(pairs))
}

function fileAt(path: string, contents: ReadonlyMap<string, Buffer>): [string, BuiltFile][] {
  const plain = contents.get(path)
  if (plain === undefined || path === SHELL || extname(path) in ENDINGS) return []
  const compressed = Object.entries(ENDINGS).flatMap(([ending, compression]) => {
    const bytes = contents.get(path + ending)
    return bytes === undefined ? [] : [[compression, bytes] as const]
  })
  const contentType = CONTENT_TYPES[extname(path)] ?? 'application/octet-stream'
  return [[`/${path}`, { contentType, plain, compressed: new Map(compressed) }]]
}
