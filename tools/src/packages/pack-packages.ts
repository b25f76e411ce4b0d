import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { packedFiles, packedFolder } from '../../../server/src/packed-packages.ts'

const UNDER_WAY = '.packing-'
const LEFT_BEHIND_MS = 60 * 60_000 // packing takes a second

export interface PackOptions {
  /** The checkout, with packages installed. */
  readonly root: string
}

/**
 * Packs the packages that the server would otherwise load as a thousand small files, unless those of the installed versions
 * are packed already; what was packed of other versions goes. Several processes may pack at once.
 */
export async function packPackages({ root }: PackOptions): Promise<'unchanged' | 'packed'> {
  const folder = packedFolder(root)
  if (existsSync(folder)) return 'unchanged'
  const packed = dirname(folder)
  await mkdir(packed, { recursive: true })
  const fresh = join(packed, UNDER_WAY + randomUUID())
  try {
    await bundle(root, fresh)
    for (const name of await readdir(fresh)) await syncFile(join(fresh, name))
    await rename(fresh, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error // else another process was quicker
    })
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
  await removeOthers(folder).catch(() => undefined) // the next who packs tries again
  return 'packed'
}

/** Nothing may be in place that a power cut could leave half written: what is there is not packed again. */
async function syncFile(path: string): Promise<void> {
  await using file = await open(path, 'r+')
  await file.sync()
}

/** Removes what was packed of other versions, and what a kill left half packed. */
async function removeOthers(folder: string): Promise<void> {
  const packed = dirname(folder)
  for (const name of await readdir(packed)) {
    const path = join(packed, name)
    const madeMs = name.startsWith(UNDER_WAY) ? (await stat(path).catch(() => undefined))?.mtimeMs : 0
    const isUnderWay = madeMs === undefined || Date.now() - madeMs < LEFT_BEHIND_MS
    if (path !== folder && !isUnderWay) await rm(path, { recursive: true, force: true })
  }
}

async function bundle(root: string, outDir: string): Promise<void> {
  const { build } = await import('vite') // large, and seldom needed
  const input = Object.fromEntries(
    [...packedFiles].map(([specifier, file]) => [basename(file, '.js'), specifier]),
  )
  await build({
    root: join(root, 'server'),
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    ssr: { noExternal: true },
    build: {
      ssr: true,
      outDir,
      minify: false,
      target: 'esnext',
      rolldownOptions: {
        input,
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: '[name].js', chunkFileNames: 'shared-[hash].js' },
      },
    },
  })
}
