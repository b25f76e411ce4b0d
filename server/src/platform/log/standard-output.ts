import { type DestinationStream, destination } from 'pino'

const WAITING_MAX_BYTES = 4 * 1_024 * 1_024

/**
 * Standard output; JSON goes in blocks of 15 KiB, about 70 lines. Note: one write per line costs more than everything else
 * the log does; the price is that a killed process loses up to half a second of lines, which is why errors that end it must
 * be followed by `flush()`. No more than 4 MiB wait for a reader or for room on a disk; `onLost` gets the number of lines that
 * were left out as soon as something is written again, and may log it.
 */
export function standardOutput(
  format: 'json' | 'pretty',
  onLost: (lines: number) => void,
): DestinationStream {
  const output = destination({
    fd: 1,
    sync: false,
    minLength: format === 'json' ? 15 * 1_024 : 1,
    maxLength: WAITING_MAX_BYTES,
    periodicFlush: 500,
  })
  // Note: pino calls this at each fatal line and when the process exits. It blocks the process and tries for ever when a
  // pipe has no reader any more, or one that does not read.
  output.flushSync = () => undefined
  // Note: pino hears that a pipe has lost its reader, and then writes no more. Of anything else, such as a full disk, it would
  // make an exception that nobody caught. What could not be written is kept, and tried again.
  output.on('error', () => undefined)
  let lost = 0
  const tell = () => {
    const lines = lost
    lost = 0
    onLost(lines)
    if (lost > 0) lost = lines // that line was left out too
  }
  output.on('drop', () => {
    lost += 1
  })
  output.on('write', () => {
    if (lost > 0) queueMicrotask(tell) // what was written still counts as waiting
  })
  return output
}

const FLUSH_MS = 1_000

/** Resolves once all that was written to it has left the process or was refused; with false after a second. Never rejects. */
export function flushed(target: DestinationStream): Promise<boolean> {
  return new Promise((resolve) => {
    if (!('flush' in target) || typeof target.flush !== 'function') return resolve(true)
    const flush = target.flush.bind(target)
    const timer = setTimeout(() => resolve(false), FLUSH_MS)
    const done = () => {
      clearTimeout(timer)
      resolve(true)
    }
    flush(() => flush(done)) // twice: one that is asked for during a write ends with that write, whatever waits behind it
  })
}
