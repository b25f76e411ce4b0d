import { readdir, readFile } from 'node:fs/promises'
import { setPriority } from 'node:os'

/** Of the threads that hash; what does not ask for another has 0, and 19 is the last in turn (sched(7), "The nice value"). */
export const POOL_NICENESS = 10

/**
 * Lets the event loop, and whatever else runs on this machine, go before Node's thread pool, in which passwords are hashed: as
 * many hashes as cores, each of some 20 ms, would else make every short answer wait for its turn. On Linux, where each thread
 * has a niceness of its own (setpriority(2), "C library/kernel differences"); elsewhere nothing happens.
 */
export async function lowerPoolPriority(): Promise<void> {
  if (process.platform !== 'linux') return
  for (const thread of await readdir('/proc/self/task')) {
    const name = await readFile(`/proc/self/task/${thread}/comm`, 'utf8')
    if (name.trim() === 'libuv-worker') setPriority(Number(thread), POOL_NICENESS)
  }
}
