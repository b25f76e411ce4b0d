import type { Audit } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Db } from '../../../platform/db/index.ts'
import type { Jobs } from '../../../platform/jobs/jobs.ts'
import type { Mail } from '../../../platform/mail/mail.ts'
import type { Throttle } from '../../../platform/throttle/throttle.ts'
import type { Notify } from '../notices.ts'
import { createMailedLinks, type MailLimits } from '../registration/mailed-links.ts'
import type { AskForVerification } from '../registration/verification.ts'
import type { Site } from '../registration/verification-mail.ts'
import type { EndAccess } from '../sessions/end-access.ts'
import { createChangePassword } from './change-password.ts'
import type { Passwords } from './password.ts'
import { createMailPasswordReset, createResetPassword } from './password-reset.ts'
import type { ProvePassword } from './prove-password.ts'

export interface PasswordFlowsOptions {
  readonly db: Db
  readonly clock: Clock
  readonly newId: () => string
  readonly mail: Mail
  readonly site: Site
  readonly jobs: Pick<Jobs, 'enqueue' | 'handle'>
  readonly sharedRateLimits: MailLimits
  readonly passwords: Passwords
  readonly provePassword: ProvePassword
  readonly throttle: Throttle
  readonly audit: Audit
  readonly notify: Notify
  readonly endAccess: EndAccess
  readonly askForVerification: AskForVerification
}

/** Changing a password, setting a forgotten one, and the links that are mailed for it. */
export function createPasswordFlows(options: PasswordFlowsOptions) {
  return {
    changePassword: createChangePassword(options),
    resetPassword: createResetPassword(options),
    requestLink: createMailedLinks({
      ...options,
      mailLimits: options.sharedRateLimits,
      mailPasswordReset: createMailPasswordReset(options),
    }),
  }
}
