import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startServer } from './server-process.ts'
import type { UsedInstance } from './used-instance.ts'

/** How a server refused to start. */
export interface RefusedStart {
  readonly code: number | null
  /** What it said on standard error, line by line. */
  readonly sentences: readonly string[]
  /** Secrets of the instance that it told in its output or in a log. */
  readonly toldSecrets: readonly string[]
}

/** Starts the real server and waits until it refuses. Throws when it does not. */
export async function refusedStart(
  instance: UsedInstance,
  further: Readonly<Record<string, string>> = {},
): Promise<RefusedStart> {
  const server = startServer(instance, further)
  const isReady = await Promise.race([server.ready.then(() => true), server.ended.then(() => false)]).catch(
    () => false,
  )
  if (isReady) throw new Error('The server started.')
  const { code, out, err } = await server.ended
  const log = await readFile(join(instance.env.OUTCRY_DATA_DIR ?? '', 'command-errors.log'), 'utf8').catch(
    () => '',
  )
  const told = `${out}${err}${log}`
  return {
    code,
    sentences: err.trimEnd().split('\n'),
    toldSecrets: instance.secrets.filter((secret) => told.includes(secret)),
  }
}
