import { createInterface } from 'node:readline'
import { parseJson } from '../../../platform/parse-json.ts'

/** What a vault process is told at its start, as one line of JSON on standard input. */
export interface LaunchOrder {
  /** The Unix socket to listen on. */
  readonly socket: string
  /** What grants are signed with: 32 bytes as base64url. */
  readonly secret: string
}

/** The line that a vault process says once it serves. */
export const VAULT_READY = 'The vault is ready.'

function isLaunchOrder(value: unknown): value is LaunchOrder {
  if (typeof value !== 'object' || value === null || !('socket' in value) || !('secret' in value))
    return false
  return typeof value.socket === 'string' && typeof value.secret === 'string'
}

/** There is nobody to serve. */
export class VaultStartError extends Error {
  override readonly name = 'VaultStartError'
}

/**
 * Reads the order; `ended` resolves when the input does, and with it whoever gave the order. `close` lets go of the input,
 * which otherwise keeps the process alive.
 */
export async function readLaunchOrder(
  input: NodeJS.ReadableStream,
): Promise<{ order: LaunchOrder; ended: Promise<void>; close: () => void }> {
  const lines = createInterface({ input })
  const ended = new Promise<void>((resolve) => lines.once('close', resolve))
  const line = await Promise.race([
    new Promise<string>((resolve) => lines.once('line', resolve)),
    ended.then(() => ''),
  ])
  const order = parseJson(line)
  if (!isLaunchOrder(order)) {
    lines.close()
    throw new VaultStartError('This command is for the server itself; start outcry serve instead.')
  }
  return { order, ended, close: () => lines.close() }
}
