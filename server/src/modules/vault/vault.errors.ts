import { AppError, defineErrors } from '../../platform/errors.ts'
import { unauthenticated } from '../../platform/http/http-errors.ts'

/** The 401 of a session that ended after the request came in. */
export const sessionOver = unauthenticated

/** What the vault may refuse. */
export const vaultErrors = defineErrors('vault', {
  accountNotFound: { status: 404, message: 'There is no such trading account.' },
  credentialNotFound: { status: 404, message: 'There is no such credential.' },
  cursorInvalid: { status: 400, message: 'This cursor is not one of ours; start again without a cursor.' },
  nothingGiven: { status: 400, message: 'There is nothing to change; send at least one field.' },
  tooManyAccounts: { status: 422, message: 'You have {max} trading accounts already; delete one first.' },
  tooManyCredentials: { status: 422, message: 'You have {max} credentials already; delete one first.' },
  typeUnknown: { status: 422, message: 'This type of credential is not known; choose one of {types}.' },
  pairIncomplete: { status: 422, message: 'Send api_key and secret_key together.' },
  keyRefused: { status: 422, message: 'The broker did not accept this key. {reason}' },
  expiryInvalid: { status: 422, message: 'The expiry must lie in the future.' },
  alreadyStored: { status: 409, message: 'You have stored this very key already; use the stored one.' },
  versionStale: {
    status: 412,
    message: 'This credential was changed meanwhile; read it again and repeat your change.',
  },
  credentialInactive: {
    status: 400,
    message: 'This credential is switched off or has expired; switch it on or replace it first.',
  },
  tradingNotEnabled: {
    status: 403,
    message: 'Orders with this live credential are not enabled; enable them in its settings first.',
  },
  credentialUnreadable: {
    status: 500,
    message: 'This credential can no longer be opened; delete it and store the key again.',
  },
  tooManyUses: {
    status: 429,
    message: 'Too many requests with broker keys are under way; try again in a second.',
  },
  brokerUnreachable: {
    status: 503,
    message: 'The broker did not answer as it should; try again in a minute.',
  },
  brokerRateLimited: {
    status: 429,
    message: 'The broker takes no more requests with this key for now; try again in a minute.',
  },
  unavailable: {
    status: 503,
    message: 'Broker keys cannot be used at the moment; try again in a few seconds.',
  },
})

const UNREACHABLE: string = vaultErrors.brokerUnreachable.code

/** Whether the trouble is the broker's own, not the vault's. */
export function isBrokerUnreachable(error: unknown): boolean {
  return error instanceof AppError && error.code === UNREACHABLE
}

/** The vault process went away over a request that it had: what was asked of it may have been done. */
class VaultLostError extends Error {
  override readonly name = 'VaultLostError'

  constructor(cause: unknown) {
    super('The vault process went away over a request.', { cause })
  }
}

/** Whether the broker may have done what was asked, although nobody has its answer. */
export function mayBeDone(error: unknown): boolean {
  return isBrokerUnreachable(error) || (error instanceof AppError && error.cause instanceof VaultLostError)
}

/** The 503 of a vault that cannot be asked right now. */
export function vaultUnavailable(cause?: unknown): AppError {
  const headers = { 'retry-after': '2' }
  return vaultErrors.unavailable({}, { headers, ...(cause === undefined ? {} : { cause }) })
}

/** The 503 of a vault process that went away over a request. */
export function vaultLost(cause: unknown): AppError {
  return vaultUnavailable(new VaultLostError(cause))
}
