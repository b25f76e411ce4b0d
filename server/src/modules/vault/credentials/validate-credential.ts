import type { Environment, Outcome } from '@outcry/contract/vault'
import type { Clock } from '../../../platform/clock.ts'
import type { Db } from '../../../platform/db/index.ts'
import { type Acting, aboutCredential, grantActorOf, type VaultWork } from '../acting.ts'
import type { CredentialRow } from '../credential.table.ts'
import { TRIAL } from '../protocol/protocol.ts'
import { isAccepted } from '../provider.ts'
import { isBrokerUnreachable, vaultErrors } from '../vault.errors.ts'
import type { VaultClient } from '../vault-client.ts'
import { findCredential, noteValidation } from './credential.store.ts'
import type { CredentialChanges } from './credential-changes.ts'
import { isUsable } from './is-usable.ts'
import type { ProviderRegistry } from './providers.ts'

/** What trying a credential showed. */
interface Validation {
  readonly is_valid: boolean
  readonly message: string
  readonly account_type: Environment | null
  readonly outcome: Outcome
}

const messages: Readonly<Record<Outcome, string>> = {
  ok: 'The broker accepts this key.',
  blocked: 'The broker accepts this key, but has blocked the account; ask the broker why.',
  rejected: 'The broker does not accept this key; replace it with a new one.',
  wrong_environment: 'This key belongs to the other environment; store it there and delete it here.',
  rate_limited: 'The broker takes no more requests with this key for now; try again in a minute.',
  unreachable: 'The broker did not answer.',
}

interface ValidateCredentialOptions {
  readonly db: Db
  readonly clock: Clock
  readonly client: Pick<VaultClient, 'use'>
  readonly providers: ProviderRegistry
  readonly work: VaultWork
  readonly changes: CredentialChanges
}

/**
 * Tries a credential at its broker and notes what that showed. Throws `vault.credential_not_found`,
 * `vault.credential_inactive`, `vault.credential_unreadable`, `vault.broker_unreachable` and `vault.unavailable`.
 */
export function createValidateCredential(options: ValidateCredentialOptions) {
  const { db, clock, client, providers, work, changes } = options

  const probe = async (by: Acting, { id, user_id, credential_type }: CredentialRow): Promise<Outcome> => {
    const { path } = providers.get(credential_type).probe
    const claims = {
      owner: user_id,
      credential: id,
      purpose: TRIAL,
      method: 'GET',
      path,
      query: '',
      actor: grantActorOf(by),
    }
    try {
      const { outcome, body } = await client.use(claims, { headers: { accept: 'application/json' } })
      // Note: read to its end, because what is broken off says nothing about a key.
      for await (const _chunk of body);
      return outcome
    } catch (error) {
      if (isBrokerUnreachable(error)) return 'unreachable'
      throw error
    }
  }

  return (by: Acting, id: string): Promise<Validation> => {
    const own = { id, userId: by.userId }
    return work.attempt(by, { action: 'credential.validated', about: aboutCredential(id) }, async () => {
      const row = await findCredential(db.asMember(by.userId), own)
      if (!row) throw vaultErrors.credentialNotFound()
      if (!isUsable(row, clock.now())) throw vaultErrors.credentialInactive()
      const outcome = await probe(by, row)
      await db.withMember(by.userId, async (tx) => {
        await noteValidation(tx, row, { now: clock.now(), outcome })
        if (outcome !== row.last_validation) changes.changed(tx, { userId: by.userId, credentialId: id })
      })
      if (outcome === 'unreachable') throw vaultErrors.brokerUnreachable()
      const is_valid = isAccepted(outcome)
      return {
        is_valid,
        message: messages[outcome],
        account_type: is_valid ? row.environment : null,
        outcome,
      }
    })
  }
}
