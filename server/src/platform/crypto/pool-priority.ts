import { readdir, readFile } from 'node:fs/promises'
import { constants, getPriority, setPriority } from 'node:os'

/** How much nicer the threads that hash are than the rest of the process (sched(7), "The nice value"). */
export const POOL_NICER_BY = 10

/**
 * Lets the event loop, and whatever else runs on this machine, go before Node's thread pool, in which passwords are hashed: as
 * many hashes as cores, each of some 20 ms, would else make every short answer wait for its turn. On Linux, where each thread
 * has a niceness of its own (setpriority(2), "C library/kernel differences"); elsewhere nothing happens. Rejects where the system
 * does not allow it, and then some or all stay as they were.
 */
export async function lowerPoolPriority(): Promise<void> {
  if (process.platform !== 'linux') return
  const niceness = Math.min(getPriority() + POOL_NICER_BY, constants.priority.PRIORITY_LOW)
  for (const thread of await readdir('/proc/self/task')) {
    const name = await readFile(`/proc/self/task/${thread}/comm`, 'utf8').catch(() => '') // it has ended
    if (name.trim() === 'libuv-worker') setPriority(Number(thread), niceness)
  }
}
