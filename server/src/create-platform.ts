import type { Config } from './config/config.ts'
import { databaseLocation } from './database-location.ts'
import { loggerFor } from './logger-for.ts'
import { createAudit } from './platform/audit/audit.ts'
import { type Clock, systemClock } from './platform/clock.ts'
import { createClockGuard } from './platform/clock-guard.ts'
import {
  COMMON_PASSWORDS_FILE,
  openPasswordFilter,
  type PasswordFilter,
} from './platform/crypto/password-filter.ts'
import { createPasswordHasher, defaultHashConcurrency } from './platform/crypto/password-hash.ts'
import { createPasswordRules } from './platform/crypto/password-rules.ts'
import { createSealer } from './platform/crypto/sealed.ts'
import { serverKeyRing } from './platform/crypto/server-key-ring.ts'
import { createSignedCursors } from './platform/crypto/signed-cursor.ts'
import { createUuidv7 } from './platform/crypto/uuid.ts'
import { MINUTE, SECOND } from './platform/durations.ts'
import { cleanIdempotency, createIdempotency } from './platform/idempotency/idempotency.ts'
import { createEvents } from './platform/jobs/events.ts'
import { createJobs } from './platform/jobs/jobs.ts'
import type { Logger } from './platform/log/logger.ts'
import { createMail } from './platform/mail/mail.ts'
import type { Mailer } from './platform/mail/mailer.ts'
import { createMetrics } from './platform/metrics/metrics.ts'
import { createSignals } from './platform/signals/signals.ts'
import { createRewrapper } from './platform/state/rewrapper.ts'
import { createSharedRateLimits } from './platform/throttle/shared-rate-limits.ts'
import { cleanThrottle, createThrottle } from './platform/throttle/throttle.ts'
import {
  LOCKOUT_NOTICE_POLICY,
  PASSWORD_POLICY,
  PENDING_SIGN_IN_POLICY,
  SECOND_FACTOR_POLICY,
} from './platform/throttle/throttle-policy.ts'
import type { PreparedInstance } from './prepare-instance.ts'
import { sealedTables } from './schema.ts'

/** How soon a worker goes on with a rotation that was cut off. */
const REWRAP_MS = 10 * SECOND
/** What was deleted is gone from the files after this long at most. */
const OVERWRITE_MS = MINUTE

/** What tests put in place of the real parts; everything else of the application stays real. */
export interface Replacements {
  readonly clock?: Clock
  readonly log?: Logger
  readonly mailer?: Mailer
  /** A cost under the floors that the settings hold, so that a suite is not spent on hashing. */
  readonly passwordCost?: Config['argon2']
}

/** Everything without a product word that modules are built from. */
export type Platform = Awaited<ReturnType<typeof createPlatform>>

type ClosableMailer = Mailer & { close?(): void }

/** The mailer of the settings; its library is loaded with the first mail. */
function mailerFor({ mail: setting }: Config): ClosableMailer {
  const load = async (): Promise<ClosableMailer> => {
    if (setting.kind !== 'file')
      return (await import('./platform/mail/smtp-mailer.ts')).createSmtpMailer(setting.url.reveal())
    return (await import('./platform/mail/folder-mailer.ts')).createFolderMailer(setting.dir)
  }
  let mailer: ClosableMailer | undefined
  return {
    async send(mail) {
      if (mailer === undefined) {
        const loaded = await load()
        mailer ??= loaded // another mail may have been quicker
      }
      await mailer.send(mail)
    },
    close: () => mailer?.close?.(),
  }
}

/** Opens every list, or leaves none open. */
async function openAll(files: readonly string[]): Promise<PasswordFilter[]> {
  const opening = files.map((file) => openPasswordFilter(file))
  try {
    return await Promise.all(opening)
  } catch (error) {
    for (const opened of await Promise.allSettled(opening))
      if (opened.status === 'fulfilled') await opened.value.close()
    throw error
  }
}

async function passwordParts(config: Config, { keys }: PreparedInstance, replacements: Replacements) {
  const files = [COMMON_PASSWORDS_FILE, ...(config.passwordListFile ? [config.passwordListFile] : [])]
  const filters = await openAll(files)
  const maxConcurrent = defaultHashConcurrency()
  return {
    filters,
    passwordRules: createPasswordRules({
      minLength: config.passwordMinLength,
      siteName: config.siteName,
      filters,
    }),
    hasher: createPasswordHasher({
      params: replacements.passwordCost ?? config.argon2,
      peppers: keys.passwordPepper,
      maxConcurrent,
      maxQueued: 2 * maxConcurrent,
    }),
  }
}

/** Builds the platform on a prepared instance. Nothing works in the background until `jobs.start()`. */
export async function createPlatform(config: Config, instance: PreparedInstance, replacements: Replacements) {
  const { db, keys } = instance
  const clock = replacements.clock ?? systemClock
  const log = replacements.log ?? loggerFor(config)
  const newId = createUuidv7(clock)
  const sealer = createSealer(keys.keyEncryption)
  const { filters, ...passwords } = await passwordParts(config, instance, replacements)
  const jobs = createJobs({ db, clock, newId, sealer, log })
  const mailer: ClosableMailer = replacements.mailer ?? mailerFor(config)
  const digestKeys = keys.digest
  const signals = createSignals(databaseLocation(config))
  cleanThrottle(jobs, {
    db,
    clock,
    policies: [PASSWORD_POLICY, SECOND_FACTOR_POLICY, PENDING_SIGN_IN_POLICY, LOCKOUT_NOTICE_POLICY],
  })
  cleanIdempotency(jobs, { db, clock })
  instance.keysFile.onProblem((err) => log.error({ err }, 'The key ring cannot be read anew.'))
  const rewrapper = createRewrapper({
    ...{ db, clock, log, ring: keys, kind: serverKeyRing },
    proof: 'key_check',
    tables: sealedTables.server,
  })
  jobs.repeat('database.overwrite_deleted', OVERWRITE_MS, async () => void (await db.overwriteDeleted()))
  jobs.repeat('keys.rewrap', REWRAP_MS, ({ signal }) => rewrapper.run(signal))
  return {
    config,
    db,
    keys,
    clock,
    clockGuard: createClockGuard({ clock, log }),
    log,
    newId,
    sealer,
    ...passwords,
    jobs,
    events: createEvents(jobs),
    metrics: createMetrics(),
    cursors: createSignedCursors(keys.cursor.current.key),
    mail: createMail({ jobs, mailer, from: config.mailFrom }),
    audit: createAudit({ clock, newId }),
    throttle: createThrottle({ db, clock, digestKeys }),
    sharedRateLimits: createSharedRateLimits({ db, clock, digestKeys }),
    idempotency: createIdempotency({ db, clock, newId, sealer, digestKeys }),
    signals,
    /** Lets go of everything, background work first. */
    async stop(): Promise<void> {
      await jobs.stop()
      await signals.close()
      mailer.close?.()
      await Promise.all(filters.map((filter) => filter.close()))
      await db.close()
      await log.flush()
    },
  }
}
