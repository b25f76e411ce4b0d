import { readFileSync } from 'node:fs'
import { lchown, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** The operating-system account a process runs as; empty means our own. */
export type OsUser = { uid?: number; gid?: number }

/**
 * Picks the account PostgreSQL runs as. It refuses to run as root and needs an account that the system knows,
 * so as root we take `postgres` where the machine has it, else `nobody`.
 */
export function choosePostgresUser(): OsUser {
  if (process.getuid?.() !== 0) return {}
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  for (const wanted of ['postgres', 'nobody']) {
    const account = accounts.find(([name]) => name === wanted)
    if (account) return { uid: Number(account[2]), gid: Number(account[3]) }
  }
  throw new Error(
    'PostgreSQL does not run as root, and this machine has neither a "postgres" nor a "nobody" account: run the tests as an ordinary user.',
  )
}

/** Makes `user` the owner of a file, or of a folder with all that is in it, so that it may delete it as well. */
export async function handOver(path: string, { uid, gid }: OsUser): Promise<void> {
  if (uid === undefined || gid === undefined) return
  const inside = await readdir(path, { recursive: true }).catch(() => [])
  for (const entry of ['', ...inside]) await lchown(join(path, entry), uid, gid)
}
