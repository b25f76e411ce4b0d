import { asError } from './platform/as-error.ts'
import type { Logger } from './platform/log/logger.ts'

/**
 * Decides what becomes of this process, by the name it has in the log, when something fails and nobody is there to hear it
 * (R22). A promise that nobody waits for takes nothing along: it is logged, and everyone is served on. After an exception that
 * nobody caught, nobody knows what was left half done (Node.js manual, "Warning: Using 'uncaughtException' correctly"): it is
 * logged, and the process ends with 1, or by SIGKILL when the log cannot be written, for its supervisor to start it again.
 * Neither prints what a log may not hold. Ends when it is disposed of.
 */
export function watchUnheardFailures(
  log: Pick<Logger, 'error' | 'fatal' | 'flush'>,
  name: string,
): Disposable {
  const goOn = (reason: unknown): void =>
    log.error({ err: asError(reason) }, 'Something failed that nobody waited for.')
  const giveUp = (error: unknown): void => {
    log.fatal({ err: asError(error) }, `Something failed that nobody caught; the ${name} ends.`)
    void log.flush().then((isWritten) => (isWritten ? process.exit(1) : process.kill(process.pid, 'SIGKILL')))
  }
  process.on('unhandledRejection', goOn)
  process.on('uncaughtException', giveUp)
  return {
    [Symbol.dispose]() {
      process.off('unhandledRejection', goOn)
      process.off('uncaughtException', giveUp)
    },
  }
}
