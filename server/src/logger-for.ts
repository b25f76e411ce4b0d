import type { Config } from './config/config.ts'
import { createLogger, type Logger } from './platform/log/logger.ts'

/** The log that the settings ask for. */
export function loggerFor({ log: { level, format } }: Pick<Config, 'log'>): Logger {
  const isPretty = format === 'pretty' || (format === 'auto' && process.stdout.isTTY)
  return createLogger({ level, format: isPretty ? 'pretty' : 'json' })
}
