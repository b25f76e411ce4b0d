import { randomBytes } from 'node:crypto'
import { join, resolve } from 'node:path'
import { asError } from '../platform/as-error.ts'
import { makePrivateFolder } from '../platform/files/make-private-folder.ts'
import type { CommandContext } from './command.ts'

/** Writes what nobody expected into `command-errors.log` in the data folder; gives the sentence that names it. */
export async function logUnexpected(error: unknown, { env, cwd }: CommandContext): Promise<string> {
  const id = randomBytes(5).toString('hex')
  const folder = resolve(cwd, env.OUTCRY_DATA_DIR || './data')
  const file = join(folder, 'command-errors.log')
  try {
    const [{ createLogger }, { destination }] = await Promise.all([
      import('../platform/log/logger.ts'),
      import('pino'),
    ])
    makePrivateFolder(folder)
    const log = createLogger({ destination: destination({ dest: file, mode: 0o600, sync: true }) })
    log.error({ error_id: id, err: asError(error) }, 'A command failed.')
    await log.flush()
    return `Something unexpected went wrong (error ${id}); the details are in ${file}.`
  } catch {
    return `Something unexpected went wrong (error ${id}), and its details could not be written to ${file}.`
  }
}
