import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'

const GIB = 2 ** 30
const SHARED_MEMORY = '/dev/shm' // tmpfs on Linux; Docker gives 64 MiB unless told otherwise
const FREE_MIN_BYTES = 4 * GIB // a whole run was seen to use 305 MiB at most
const AVAILABLE_MIN_BYTES = 8 * GIB
const LEFT_BEHIND_MS = 60 * 60_000 // no run takes that long
const NAME = /^outcry-tests-(\d+)-/

/**
 * A folder of this process's own for the temporary files of a test run, in memory: each PostgreSQL test makes and deletes a
 * thousand files, for which ext4 took a third of the run. Undefined where the system has no such place with 4 GiB to spare,
 * or less than 8 GiB of memory available. Whoever asks deletes it; folders of runs that were killed are deleted here.
 */
export function folderInMemory(): string | undefined {
  try {
    const { bavail, bsize } = statfsSync(SHARED_MEMORY)
    if (bavail * bsize < FREE_MIN_BYTES || availableBytes() < AVAILABLE_MIN_BYTES) return undefined
    if (mayNotExecute()) return undefined
    deleteLeftovers()
    const folder = mkdtempSync(join(SHARED_MEMORY, `outcry-tests-${process.pid}-`))
    chmodSync(folder, 0o1777) // as /tmp: PostgreSQL runs as somebody else when we are root
    return folder
  } catch {
    return undefined
  }
}

function availableBytes(): number {
  const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]
  return Number(kib ?? 0) * 1_024
}

/** Containers mount it so; root's tests run a copy of PostgreSQL from a temporary folder. */
function mayNotExecute(): boolean {
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n')
  const options = mounts.findLast((line) => line.split(' ')[1] === SHARED_MEMORY)?.split(' ')[3]
  return options?.split(',').includes('noexec') ?? true
}

function deleteLeftovers(): void {
  for (const name of readdirSync(SHARED_MEMORY)) {
    const pid = NAME.exec(name)?.[1]
    if (pid === undefined || isAlive(Number(pid))) continue
    const path = join(SHARED_MEMORY, name)
    try {
      const isOld = Date.now() - statSync(path).mtimeMs > LEFT_BEHIND_MS
      if (isOld) rmSync(path, { recursive: true, force: true })
    } catch {
      // another user's
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
