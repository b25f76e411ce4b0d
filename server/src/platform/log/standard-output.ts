import { type DestinationStream, destination } from 'pino'

/**
 * Standard output; JSON goes in blocks of 15 KiB, about 70 lines. Note: one write per line costs more than everything else
 * the log does; the price is that a killed process loses up to half a second of lines, which is why errors that end it must
 * be followed by `flush()`.
 */
export function standardOutput(format: 'json' | 'pretty'): DestinationStream {
  const blocks = format === 'json' ? { minLength: 15 * 1_024, periodicFlush: 500 } : { minLength: 1 }
  const output = destination({ fd: 1, sync: false, ...blocks })
  // Note: pino calls this at each fatal line and when the process exits. It blocks the process and tries for ever when a
  // pipe has no reader any more, or one that does not read.
  output.flushSync = () => undefined
  return output
}

const FLUSH_MS = 1_000

/** Resolves once all that was written to it has left the process, or after a second. Never rejects. */
export function flushed(target: DestinationStream): Promise<void> {
  return new Promise((resolve) => {
    if (!('flush' in target) || typeof target.flush !== 'function') return resolve()
    const flush = target.flush.bind(target)
    const timer = setTimeout(resolve, FLUSH_MS)
    const done = () => {
      clearTimeout(timer)
      resolve()
    }
    flush(() => flush(done)) // twice: one that is asked for during a write ends with that write, whatever waits behind it
  })
}
