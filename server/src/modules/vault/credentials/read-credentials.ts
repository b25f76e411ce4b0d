import type { Environment } from '@outcry/contract/vault'
import type { Clock } from '../../../platform/clock.ts'
import type { Db } from '../../../platform/db/index.ts'
import { type Page, type PageQuery, type ReadPage, TOTAL_MAX } from '../../../platform/paging/read-page.ts'
import { type Acting, aboutCredential, type VaultWork } from '../acting.ts'
import type { CredentialRow } from '../credential.table.ts'
import { vaultErrors } from '../vault.errors.ts'
import { findCredential, findCredentialEver } from './credential.store.ts'
import {
  type CredentialFilter,
  countListed,
  listCredentials,
  listCredentialsAfter,
} from './credential-list.store.ts'
import {
  countDeleted,
  type DeletedCredential,
  listDeleted,
  listDeletedAfter,
} from './deleted-credential.store.ts'
import { isUsable } from './is-usable.ts'

/** What other modules may know of a credential that they want to use. */
export interface CredentialFacts {
  readonly id: string
  /** The provider's `type`. */
  readonly type: string
  readonly environment: Environment
  /** Counts the pairs it has had, so that what was learnt of one is not held against the next. */
  readonly keyVersion: number
  /** Whether it is switched on and has not expired; the vault process looks again when it is used. */
  readonly isUsable: boolean
}

type CredentialQuery = PageQuery & Omit<CredentialFilter, 'userId'>

interface ReadCredentialsOptions {
  readonly db: Db
  readonly clock: Clock
  readonly readPage: ReadPage
  readonly work: VaultWork
}

/** Reading what is known of credentials; never opens one. */
export function createReadCredentials({ db, clock, readPage, work }: ReadCredentialsOptions) {
  const readWith =
    (find: typeof findCredential) =>
    (by: Acting, id: string): Promise<CredentialRow> =>
      work.attempt(by, { action: 'credential.read', about: aboutCredential(id) }, async () => {
        const row = await find(db.asMember(by.userId), { id, userId: by.userId })
        if (!row) throw vaultErrors.credentialNotFound()
        return row
      })

  return {
    /** A member's own, the latest first. Throws `vault.cursor_invalid`. */
    list(
      userId: string,
      { accountId, type, isActive, ...query }: CredentialQuery,
    ): Promise<Page<CredentialRow>> {
      const filter = { userId, accountId, type, isActive }
      const own = db.asMember(userId)
      return readPage<CredentialRow>(
        {
          name: `credentials ${JSON.stringify(filter)}`,
          positionOf: ({ created_at, id }) => ({ createdAt: created_at, id }),
          listFrom: (page) => listCredentials(own, filter, page),
          listAfter: (page) => listCredentialsAfter(own, filter, page),
          count: () => countListed(own, filter),
        },
        query,
      )
    },

    /** What is left of a member's own that are deleted, the latest first. Throws `vault.cursor_invalid`. */
    listDeleted(userId: string, query: PageQuery): Promise<Page<DeletedCredential>> {
      const own = db.asMember(userId)
      return readPage<DeletedCredential>(
        {
          name: `deleted credentials ${userId}`,
          positionOf: ({ deleted_at, id }) => ({ createdAt: deleted_at, id }),
          // Note: behind what is counted a cursor leads on, at the same cost on every page.
          listFrom: async (page) => (page.skip >= TOTAL_MAX ? [] : listDeleted(own, { userId, ...page })),
          listAfter: (page) => listDeletedAfter(own, { userId, ...page }),
          count: () => countDeleted(own, { userId, most: TOTAL_MAX }),
        },
        query,
      )
    },

    /** Throws `vault.credential_not_found`. */
    get: readWith(findCredential),

    /** The same, or what is left of one that is deleted: for reading what was done with it, and for nothing else. */
    getEver: readWith(findCredentialEver),

    /** What is known of a credential of this owner; `undefined` when there is none, as for one of somebody else. */
    async findCredentialOf(ownerId: string, id: string): Promise<CredentialFacts | undefined> {
      const row = await findCredential(db.asMember(ownerId), { id, userId: ownerId })
      if (!row) return undefined
      return {
        id: row.id,
        type: row.credential_type,
        environment: row.environment,
        keyVersion: row.key_version,
        isUsable: isUsable(row, clock.now()),
      }
    },
  }
}

export type ReadCredentials = ReturnType<typeof createReadCredentials>
