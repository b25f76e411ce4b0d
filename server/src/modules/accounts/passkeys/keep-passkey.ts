import type { Audit } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Tx } from '../../../platform/db/index.ts'
import { accountsErrors } from '../accounts.errors.ts'
import { askedBySelf } from '../asking.ts'
import type { ClientFacts } from '../client-facts.ts'
import type { Notify } from '../notices.ts'
import type { EndAccess } from '../sessions/end-access.ts'
import { holdMember } from '../sessions/hold-member.ts'
import type { SessionOf } from '../sessions/signed-in-users.ts'
import { insertPasskey, listPasskeysOf } from './passkey.store.ts'
import type { PasskeyRow } from './passkey.table.ts'
import type { MadePasskey, RegistrationAnswer } from './passkey-answer.ts'

const PASSKEYS_MAX = 20

export interface KeepPasskeyOptions {
  readonly clock: Clock
  readonly newId: () => string
  readonly audit: Audit
  readonly notify: Notify
  readonly endAccess: EndAccess
}

/** What a browser sends to add a passkey. */
export interface NewPasskey {
  readonly name: string
  readonly credential: RegistrationAnswer
  readonly browserHash: Uint8Array | undefined
  readonly client: ClientFacts
}

/** Throws `accounts.too_many_passkeys` when one more would be too many. */
export const assertRoom = (passkeys: readonly PasskeyRow[]): void => {
  if (passkeys.length >= PASSKEYS_MAX) throw accountsErrors.tooManyPasskeys({ max: PASSKEYS_MAX })
}

/** The transports that the browser names, as far as they are such words (WebAuthn Level 3, section 5.8.4). */
const transportsOf = ({ response }: RegistrationAnswer): string[] => [
  ...new Set((response.transports ?? []).filter((word) => /^[a-z-]+$/.test(word))),
]

/** Keeps a verified passkey; `undefined` when the session it was asked for in has ended meanwhile. */
type KeepPasskey = (
  tx: Tx,
  actor: SessionOf,
  made: MadePasskey & NewPasskey,
) => Promise<PasskeyRow | undefined>

/**
 * The row of a new passkey with all that follows from it: every other session ends (C34), its owner is told (C49). Throws a
 * unique violation on `credential_id`, and `accounts.too_many_passkeys`.
 */
export function createKeepPasskey(options: KeepPasskeyOptions): KeepPasskey {
  const { clock, newId, audit, notify, endAccess } = options
  return async (tx, actor, made) => {
    const { userId, sessionId } = actor
    const { name, credential, client, browserHash: _, ...columns } = made
    const now = clock.now()
    const user = await holdMember(tx, actor, now)
    if (!user) return undefined
    assertRoom(await listPasskeysOf(tx, userId))
    const passkey: PasskeyRow = {
      ...columns,
      id: newId(),
      user_id: userId,
      created_at: now,
      updated_at: now,
      name: name.trim(),
      transports: transportsOf(credential),
      last_used_at: null,
      flagged_at: null,
    }
    await insertPasskey(tx, passkey)
    await endAccess(tx, { userId, reason: 'factor', exceptSessionId: sessionId })
    await notify(tx, user, { kind: 'passkeyAdded', facts: client })
    await audit.record(tx, {
      action: 'passkey.added',
      result: 'ok',
      ...askedBySelf({ actor, client }),
      objectType: 'passkey',
      objectId: passkey.id,
    })
    return passkey
  }
}
