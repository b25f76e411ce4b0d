import { type DestinationStream, type Logger as Pino, pino } from 'pino'
import { prettyFactory } from 'pino-pretty'
import { asError } from '../as-error.ts'
import { errorCode } from '../error-code.ts'
import { escapeUnprintable, redactLine } from './redaction.ts'
import { flushed, standardOutput } from './standard-output.ts'

/** From the least to the most urgent. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal'

/** Named facts of a log line. Only flat values are printed; anything else is left out, except an `Error` under `err`. */
export interface LogFields {
  readonly [name: string]: string | number | boolean | null | undefined | Error
}

/** Writes one line per event: facts first, then one sentence without values in it. */
export interface Logger {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
  fatal(fields: LogFields, message: string): void
  /** Writes a line as it is that another process of this product has logged: it waits, and is lost, as all others are. */
  relay(line: string): void
  /**
   * Writes out what is still buffered; to be awaited before the process ends. Gives up after a second with false: then
   * `process.exit()` may wait for ever, for a thread that writes to a terminal that stands still. Never rejects.
   */
  flush(): Promise<boolean>
}

/** What is logged, in which form, and where to. */
export interface LoggerOptions {
  readonly level?: LogLevel | 'silent'
  readonly format?: 'json' | 'pretty'
  /** Where lines go; standard output in blocks by default. */
  readonly destination?: DestinationStream
}

/** A logger of JSON lines, or of readable ones with `pretty`. Never prints what `redactLine` knows as secret. */
export function createLogger(options: LoggerOptions = {}): Logger {
  const { level = 'info', format = 'json' } = options
  const target =
    options.destination ??
    standardOutput(format, (lines) =>
      log.error({ lines }, 'Lines of the log were lost: nobody read it, or its disk was full.'),
    )
  const stream = format === 'pretty' ? prettified(target) : target
  const log = pino(
    {
      level,
      base: null,
      timestamp: createTimestamp(),
      messageKey: 'message',
      errorKey: 'err',
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (error: unknown) => describeError(error) },
      hooks: { streamWrite: redactLine },
    },
    stream,
  )
  return wrap(log, target)
}

/** The time as pino wants it written: made once for all lines of a millisecond. */
function createTimestamp(): () => string {
  let madeForMs = Number.NaN
  let text = ''
  return () => {
    const nowMs = Date.now()
    if (nowMs !== madeForMs) {
      madeForMs = nowMs
      text = `,"time":"${new Date(nowMs).toISOString()}"`
    }
    return text
  }
}

function prettified(target: DestinationStream): DestinationStream {
  const prettify = prettyFactory({ colorize: true, messageKey: 'message', errorLikeObjectKeys: ['err'] })
  // Note: the printer reads the JSON, and so undoes its escapes. It takes out control characters, but not out of fields.
  return { write: (line) => target.write(escapeUnprintable(prettify(line))) }
}

function wrap(log: Pino, target: DestinationStream): Logger {
  return {
    debug: (fields, message) => log.debug(printable(fields), message),
    info: (fields, message) => log.info(printable(fields), message),
    warn: (fields, message) => log.warn(printable(fields), message),
    error: (fields, message) => log.error(printable(fields), message),
    fatal: (fields, message) => log.fatal(printable(fields), message),
    relay: (line) => void target.write(`${line}\n`),
    flush: () => flushed(target),
  }
}

function printable(fields: LogFields): LogFields {
  for (const name in fields) {
    const value = fields[name]
    if (typeof value === 'object' && value !== null) return flatFields(fields)
  }
  return fields
}

function flatFields(fields: LogFields): LogFields {
  const isFlat = ([name, value]: [string, LogFields[string]]) =>
    name === 'err' ? value instanceof Error : typeof value !== 'object' || value === null
  return Object.fromEntries(Object.entries(fields).filter(isFlat))
}

const DEEPEST_CAUSE = 4
const MOST_ERRORS = 3

/** The parts of an error that are logged, with its causes; never its other properties, which may hold values. */
function describeError(thrown: unknown, depth = 0): Record<string, unknown> {
  const error = asError(thrown)
  const code = errorCode(error)
  const isDeepest = depth === DEEPEST_CAUSE
  const describe = (each: unknown) => describeError(each, depth + 1)
  return {
    type: error.name,
    message: error.message,
    ...(code === undefined ? {} : { code }),
    stack: error.stack,
    ...(error.cause === undefined || isDeepest ? {} : { cause: describe(error.cause) }),
    ...(error instanceof AggregateError && !isDeepest
      ? { errors: error.errors.slice(0, MOST_ERRORS).map(describe) }
      : {}),
  }
}
