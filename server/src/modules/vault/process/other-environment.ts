import type { Outcome } from '@outcry/contract/vault'
import { asError } from '../../../platform/as-error.ts'
import type { AuditGroup } from '../../../platform/audit/audit-group.ts'
import type { Logger } from '../../../platform/log/logger.ts'
import type { UseClaims } from '../protocol/protocol.ts'
import { useEnded, useStarted } from '../protocol/use-entries.ts'
import type { CredentialProvider, KeyPair } from '../provider.ts'
import type { Trial } from './trial.ts'

/** The purpose under which the log has what was asked there. */
const ELSEWHERE = 'elsewhere'

/** A stored key that its own host rejected, in the use that met this. */
export interface RejectedKey {
  readonly claims: UseClaims
  readonly pair: KeyPair
  /** Ends when the use does. */
  readonly signal: AbortSignal
}

interface OtherEnvironmentParts {
  readonly trial: Pick<Trial, 'probe'>
  readonly group: Pick<AuditGroup, 'append' | 'appendLater'>
  readonly log: Logger
}

/** Resolves once the signal cuts what is under way. */
function whenCut(signal: AbortSignal): Promise<false> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(false)
    else signal.addEventListener('abort', () => resolve(false), { once: true })
  })
}

/**
 * Asks the other environment what it makes of a stored key, within the time of the use, and after an entry that names that
 * host is durable (C78). Where it cannot be asked it is `unreachable`.
 */
export function createAskElsewhere({ trial, group, log }: OtherEnvironmentParts) {
  return async (other: CredentialProvider, { claims, pair, signal }: RejectedKey): Promise<Outcome> => {
    const { host } = new URL(other.origin)
    const asked = { ...claims, purpose: ELSEWHERE, path: other.probe.path, host }
    const end = (outcome: string) => group.appendLater(useEnded(asked, outcome))
    const begun = group.append(useStarted(asked)).then(
      () => true,
      (error: unknown) => {
        log.error({ err: asError(error) }, 'A rejected key is not tried elsewhere: that could not be logged.')
        return false
      },
    )
    if (!(await Promise.race([begun, whenCut(signal)]))) {
      void begun.then((isLogged) => isLogged && end('abandoned'))
      return 'unreachable'
    }
    const outcome = await trial.probe(other, pair, signal)
    end(outcome)
    return outcome
  }
}
