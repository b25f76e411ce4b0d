import {
  accessSync,
  chmodSync,
  constants,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
} from 'node:fs'
import { join } from 'node:path'

const GIB = 2 ** 30
const SHARED_MEMORY = '/dev/shm' // tmpfs on Linux; Docker gives 64 MiB unless told otherwise
const FREE_MIN_BYTES = 4 * GIB // a whole run was seen to use 305 MiB at most
const AVAILABLE_MIN_BYTES = 8 * GIB
const NAME = /^outcry-tests-(\d+)$/

/**
 * A folder of this process's own for the temporary files of a test run, in memory: each PostgreSQL test makes and deletes a
 * thousand files, for which ext4 took a third of the run. Undefined where the system has no such place with 4 GiB to spare.
 * Whoever asks deletes it; folders of runs that were killed are deleted here.
 */
export function folderInMemory(): string | undefined {
  try {
    const { bavail, bsize } = statfsSync(SHARED_MEMORY)
    if (bavail * bsize < FREE_MIN_BYTES || availableBytes() < AVAILABLE_MIN_BYTES) return undefined
    accessSync(SHARED_MEMORY, constants.W_OK)
    deleteLeftovers()
    const folder = join(SHARED_MEMORY, `outcry-tests-${process.pid}`)
    mkdirSync(folder, { recursive: true })
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

function deleteLeftovers(): void {
  for (const name of readdirSync(SHARED_MEMORY)) {
    const pid = NAME.exec(name)?.[1]
    if (pid === undefined || isAlive(Number(pid))) continue
    try {
      rmSync(join(SHARED_MEMORY, name), { recursive: true, force: true })
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
