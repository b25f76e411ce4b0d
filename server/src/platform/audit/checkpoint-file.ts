import { constants, type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errorCode } from '../error-code.ts'
import { syncFolder } from '../files/sync-folder.ts'
import { type Checkpoint, checkpointLineHash, readCheckpoint } from './checkpoint.ts'

const TAIL_BYTES = 16_384
const BEGINNING = '{"seq":'
const { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDONLY, O_RDWR } = constants

/** The last whole checkpoint of a file. */
export interface LastCheckpoint extends Checkpoint {
  /** The SHA-256 of its line. */
  readonly lineHash: string
}

interface Tail {
  readonly last: LastCheckpoint | undefined
  readonly size: number
  /** Whether the file ends in the middle of a line, as after a kill while it was written. */
  readonly isTorn: boolean
}

/** Whether a line is a checkpoint, or the beginning of one that was never finished. */
const isBegun = (line: string) => line.startsWith(BEGINNING) || BEGINNING.startsWith(line)

async function readTail(file: FileHandle): Promise<Tail> {
  const { size } = await file.stat()
  const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES))
  await file.read(bytes, 0, bytes.length, size - bytes.length)
  const lines = bytes.toString('latin1').split('\n')
  const isTorn = lines.pop() !== ''
  const line = lines.findLast((each) => readCheckpoint(each) !== undefined)
  const checkpoint = line === undefined ? undefined : readCheckpoint(line)
  if (line === undefined || checkpoint === undefined) {
    if (!lines.every(isBegun)) throw new Error('The file for checkpoints holds something else; name another.')
    return { last: undefined, size, isTorn }
  }
  return { last: { ...checkpoint, lineHash: checkpointLineHash(line) }, size, isTorn }
}

/** Opens a file of checkpoints for the length of `work`, made with mode 0600 when it is not there. Never follows a link. */
async function withFile<T>(path: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600)
  try {
    return await work(file)
  } finally {
    await file.close()
  }
}

/** The last whole checkpoint of a file, which is made when it is not there. */
export function readLastCheckpoint(path: string): Promise<LastCheckpoint | undefined> {
  return withFile(path, async (file) => (await readTail(file)).last)
}

/** The same for who only looks: a file that is not there, or is not for this user to read, has none and is not made. */
export async function peekLastCheckpoint(path: string): Promise<LastCheckpoint | undefined> {
  const file = await open(path, O_RDONLY | O_NOFOLLOW).catch((error: unknown) => {
    if (['ENOENT', 'EACCES'].includes(errorCode(error) ?? '')) return undefined
    throw error
  })
  if (!file) return undefined
  try {
    return (await readTail(file)).last
  } finally {
    await file.close()
  }
}

/** What an appending did. */
export interface Appended {
  /** The SHA-256 of the new line. */
  readonly lineHash: string
  /** Whether the line before it was left unfinished. Its rest stays where it is: nothing in the file is ever changed. */
  readonly wasTorn: boolean
}

/** Appends one line, made from what the file ends in, and forces it to disk. */
export function appendCheckpoint(
  path: string,
  lineAfter: (last: LastCheckpoint | undefined) => string,
): Promise<Appended> {
  return withFile(path, async (file) => {
    const { last, size, isTorn } = await readTail(file)
    const line = lineAfter(last)
    await file.appendFile(`${isTorn ? '\n' : ''}${line}\n`)
    await file.datasync()
    if (size === 0) await syncFolder(dirname(path))
    return { lineHash: checkpointLineHash(line), wasTorn: isTorn }
  })
}
