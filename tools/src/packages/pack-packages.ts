import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { build } from 'vite'
import { packedFiles, packedFolder } from '../../../server/src/packed-packages.ts'

const UNDER_WAY = '.packing-'

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
    await rename(fresh, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error // else another process was quicker
    })
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
  for (const name of await readdir(packed)) {
    const isOurs = name === basename(folder) || name.startsWith(UNDER_WAY)
    if (!isOurs) await rm(join(packed, name), { recursive: true, force: true })
  }
  return 'packed'
}

async function bundle(root: string, outDir: string): Promise<void> {
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
