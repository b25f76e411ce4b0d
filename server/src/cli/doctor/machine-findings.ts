import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { access, constants, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Config } from '../../config/config.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

const GB = 1e9
const LOW_BYTES = 2 * GB
const FULL_BYTES = 0.2 * GB

/** The folder itself, or the nearest one above it that exists. */
function existing(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : existing(dirname(folder))
}

async function isWritable(folder: string): Promise<boolean> {
  return access(existing(folder), constants.W_OK).then(
    () => true,
    () => false,
  )
}

/** Whether the data folder can be written and its disk has room. */
export async function diskFinding({ dataDir }: Config): Promise<Finding> {
  if (!(await isWritable(dataDir))) {
    return fail('disk', `The data folder ${dataDir} cannot be written; give it to this user.`)
  }
  const { bavail, bsize } = await statfs(existing(dataDir))
  const free = bavail * bsize
  const sentence = `The disk of ${dataDir} has ${(free / GB).toFixed(1)} GB left`
  if (free < FULL_BYTES) return fail('disk', `${sentence}; make room, or writing will soon fail.`)
  return free < LOW_BYTES ? warn('disk', `${sentence}; make room soon.`) : ok('disk', `${sentence}.`)
}

/** Whether ffmpeg can be run; nothing asks for it yet. */
export async function ffmpegFinding(): Promise<Finding> {
  const isThere = await new Promise<boolean>((resolve) => {
    execFile('ffmpeg', ['-version'], { timeout: 5_000 }, (error) => resolve(error === null))
  })
  return ok(
    'ffmpeg',
    isThere ? 'ffmpeg is there; nothing needs it yet.' : 'ffmpeg is not there; nothing needs it yet.',
  )
}

/** Whether mail can be handed over: a folder that can be written, or a server that lets us in. */
export async function mailFinding({ mail }: Config): Promise<Finding> {
  if (mail.kind === 'file') {
    if (!(await isWritable(mail.dir))) {
      return fail('mail', `The mail folder ${mail.dir} cannot be written; give it to this user.`)
    }
    return warn(
      'mail',
      `Mail goes to files in ${mail.dir} and reaches nobody; set OUTCRY_MAIL_URL for real mail.`,
    )
  }
  const { createTransport } = await import('nodemailer')
  const transport = createTransport({
    url: mail.url.reveal(),
    connectionTimeout: 5_000,
    greetingTimeout: 5_000,
  })
  try {
    await transport.verify()
    return ok('mail', 'The mail server answers and lets us in.')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    return fail(
      'mail',
      `The mail server of OUTCRY_MAIL_URL does not take us (${code}); check its address and password.`,
    )
  } finally {
    transport.close()
  }
}
