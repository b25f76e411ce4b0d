import type { Clock } from '../../../platform/clock.ts'
import { type Db, isUniqueViolation, type Queryable, type Tx } from '../../../platform/db/index.ts'
import { findAccount } from '../accounts/user-account.store.ts'
import { type Acting, aboutAccount, aboutCredential, type Deed, type VaultWork } from '../acting.ts'
import type { CredentialRow } from '../credential.table.ts'
import type { CredentialProvider, KeyPair } from '../provider.ts'
import type { UserAccountRow } from '../user-account.table.ts'
import { vaultErrors } from '../vault.errors.ts'
import { countCredentials, insertCredential, isPairStored } from './credential.store.ts'
import type { CredentialChanges } from './credential-changes.ts'
import { assertExpiry } from './expiry.ts'
import { calledAs, nicknameOf } from './nickname.ts'
import type { ProvenPair, ProvePair } from './prove-pair.ts'
import type { ProviderRegistry } from './providers.ts'

const CREDENTIALS_MAX = 50

/** What a member wants to store. */
export interface CredentialWish {
  readonly accountId: string
  readonly type: string
  readonly pair: KeyPair
  readonly nickname: string | null | undefined
  /** Whether the broker is asked first. */
  readonly validate: boolean
  readonly expiresAt: Date | null
  /** What belongs to the new credential, written with it or not at all. */
  complete(tx: Tx, row: CredentialRow): Promise<void>
}

interface StoreCredentialOptions {
  readonly db: Db
  readonly clock: Clock
  readonly newId: () => string
  readonly providers: ProviderRegistry
  readonly provePair: ProvePair
  readonly work: VaultWork
  readonly changes: CredentialChanges
}

type NewCredential = Pick<CredentialRow, 'id' | 'user_id' | 'created_at'>

function rowOf(wish: CredentialWish, { sealed, outcome }: ProvenPair, made: NewCredential): CredentialRow {
  return {
    ...made,
    updated_at: made.created_at,
    user_account_id: wish.accountId,
    credential_type: wish.type,
    api_key: sealed.apiKey,
    secret_key: sealed.secretKey,
    environment: sealed.environment,
    fingerprint: sealed.fingerprint,
    key_hint: sealed.keyHint,
    key_version: 1,
    is_active: true,
    is_default: false,
    is_trading_enabled: false,
    expires_at: wish.expiresAt,
    expiry_notice: null,
    last_used_at: null,
    last_validated_at: outcome === undefined ? null : made.created_at,
    last_validation: outcome ?? null,
    rejections: 0,
    version: 1,
    deleted_at: null,
    nickname: nicknameOf(wish.nickname, wish.type),
  }
}

function deedOf(row: CredentialRow): Deed {
  const details = {
    credential_type: row.credential_type,
    environment: row.environment,
    account_id: row.user_account_id,
    outcome: row.last_validation,
  }
  return { action: 'credential.stored', about: aboutCredential(row.id), details }
}

/** The account that is stored in, if it is this member's, and how many credentials they have in all. */
type Room = readonly [UserAccountRow | undefined, number]

function assertRoom([account, count]: Room): void {
  if (!account) throw vaultErrors.accountNotFound()
  if (count >= CREDENTIALS_MAX) {
    throw vaultErrors.tooManyCredentials({ max: CREDENTIALS_MAX }, { field: 'body.account_id' })
  }
}

/** The 409 of a pair that this member has stored already. */
export function translateStoredTwice(error: unknown): unknown {
  return isUniqueViolation(error, 'fingerprint') ? vaultErrors.alreadyStored({}, { cause: error }) : error
}

/**
 * Stores a credential. Throws `vault.type_unknown`, `vault.account_not_found`, `vault.expiry_invalid`, `vault.key_refused`,
 * `vault.already_stored`, `vault.too_many_credentials`, `vault.unavailable`, and the 401 that asks for a newer proof.
 */
export function createStoreCredential(options: StoreCredentialOptions) {
  const { db, clock, newId, providers, provePair, changes } = options
  const { assertProof, attempt, enact, tellOfLiveKey } = options.work

  const readRoom = (at: Queryable, { userId }: Acting, { accountId: id }: CredentialWish): Promise<Room> =>
    Promise.all([findAccount(at, { id, userId }), countCredentials(at, userId)])

  const tell = async (tx: Tx, by: Acting, row: CredentialRow) => {
    if (row.environment !== 'live') return
    const detail = `${calledAs(row)}, and its key ends in ${row.key_hint}.`
    await tellOfLiveKey(tx, by, { kind: 'liveKeyStored', detail })
  }

  const add = (by: Acting, wish: CredentialWish, row: CredentialRow) =>
    enact(by, {
      ...deedOf(row),
      begin: (tx) => Promise.all([readRoom(tx, by, wish), isPairStored(tx, row), wish.complete(tx, row)]),
      async decide(tx, [room, isStored]) {
        assertRoom(room)
        // Note: inserted it would wait for that row, and whoever holds the row may wait for the end of the audit log.
        if (isStored) throw vaultErrors.alreadyStored()
        changes.changed(tx, { userId: by.userId, credentialId: row.id })
        await tell(tx, by, row)
      },
      write: (tx) => insertCredential(tx, row),
    }).catch((error: unknown) => {
      throw translateStoredTwice(error)
    })

  const prove = async (by: Acting, wish: CredentialWish, provider: CredentialProvider) => {
    assertProof(by, provider, ['store'])
    assertExpiry(wish.expiresAt, clock.now())
    const credentialId = newId()
    const { pair, validate } = wish
    // Note: asked again where it counts; here it spares the broker a pair that cannot be stored.
    if (validate) assertRoom(await readRoom(db.asMember(by.userId), by, wish))
    const proven = await provePair(by, { credentialId, provider, keyVersion: 1, pair, validate })
    return rowOf(wish, proven, { id: credentialId, user_id: by.userId, created_at: clock.now() })
  }

  return (by: Acting, wish: CredentialWish): Promise<CredentialRow> => {
    const provider = providers.get(wish.type)
    return attempt(by, { action: 'credential.stored', about: aboutAccount(wish.accountId) }, async () => {
      const row = await prove(by, wish, provider)
      await add(by, wish, row)
      return row
    })
  }
}
