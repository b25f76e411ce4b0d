import type { Clock } from '../../../platform/clock.ts'
import type { Db, Tx } from '../../../platform/db/index.ts'
import type { Page, PageQuery, ReadPage } from '../../../platform/paging/read-page.ts'
import { type Acting, aboutAccount, type VaultWork } from '../acting.ts'
import type { UserAccountRow } from '../user-account.table.ts'
import { vaultErrors } from '../vault.errors.ts'
import {
  countAccounts,
  findAccount,
  findOldestAccount,
  insertAccount,
  listAccounts,
  listAccountsAfter,
  updateAccount,
} from './user-account.store.ts'

const ACCOUNTS_MAX = 100
const FIRST_NAME = 'Trading'

interface TradingAccountsOptions {
  readonly db: Db
  readonly clock: Clock
  readonly newId: () => string
  readonly readPage: ReadPage
  readonly work: VaultWork
}

/** What an owner may change of an account. */
interface AccountChange {
  readonly account_name?: string
  readonly is_active?: boolean
}

/** The trading accounts of members: groups of credentials, with names. Whether one is active is a mark for clients. */
export function createTradingAccounts(options: TradingAccountsOptions) {
  const { db, clock, newId, readPage, work } = options
  const { attempt, held } = work

  const record = (tx: Tx, by: Acting, { action, id }: { action: string; id: string }) =>
    work.record(tx, by, { action, about: aboutAccount(id) })

  const add = async (tx: Tx, by: Acting, name: string): Promise<UserAccountRow> => {
    if ((await countAccounts(tx, by.userId)) >= ACCOUNTS_MAX) {
      throw vaultErrors.tooManyAccounts({ max: ACCOUNTS_MAX }, { field: 'body.account_name' })
    }
    const now = clock.now()
    const times = { created_at: now, updated_at: now }
    const row = { id: newId(), user_id: by.userId, ...times, account_name: name, is_active: true }
    await insertAccount(tx, row)
    await record(tx, by, { action: 'trading_account.created', id: row.id })
    return row
  }

  return {
    /** The latest first. Throws `vault.cursor_invalid`. */
    list(userId: string, query: PageQuery): Promise<Page<UserAccountRow>> {
      const own = db.asMember(userId)
      return readPage<UserAccountRow>(
        {
          name: `trading accounts ${userId}`,
          positionOf: ({ created_at, id }) => ({ createdAt: created_at, id }),
          listFrom: (page) => listAccounts(own, { userId, ...page }),
          listAfter: (page) => listAccountsAfter(own, { userId, ...page }),
          count: () => countAccounts(own, userId),
        },
        query,
      )
    },

    /** Throws `vault.account_not_found`. */
    async get(by: Acting, id: string): Promise<UserAccountRow> {
      return attempt(by, { action: 'trading_account.read', about: aboutAccount(id) }, async () => {
        const row = await findAccount(db.asMember(by.userId), { id, userId: by.userId })
        if (!row) throw vaultErrors.accountNotFound()
        return row
      })
    },

    /** Throws `vault.too_many_accounts`. */
    create(by: Acting, name: string): Promise<UserAccountRow> {
      return held(by, (tx) => add(tx, by, name))
    },

    /** The oldest account of this name, or of any; made when there is none. Throws `vault.too_many_accounts`. */
    async getOrCreate(
      by: Acting,
      name: string | undefined,
    ): Promise<{ account: UserAccountRow; created: boolean }> {
      const wanted = { userId: by.userId, name }
      const known = await findOldestAccount(db.asMember(by.userId), wanted)
      if (known) return { account: known, created: false }
      return held(by, async (tx) => {
        const made = await findOldestAccount(tx, wanted)
        if (made) return { account: made, created: false }
        return { account: await add(tx, by, name ?? FIRST_NAME), created: true }
      })
    },

    /** Throws `vault.account_not_found`. */
    update(by: Acting, id: string, change: AccountChange): Promise<UserAccountRow> {
      const own = { id, userId: by.userId }
      return attempt(by, { action: 'trading_account.changed', about: aboutAccount(id) }, () =>
        held(by, async (tx) => {
          await updateAccount(tx, own, { ...change, updated_at: clock.now() })
          const row = await findAccount(tx, own)
          if (!row) throw vaultErrors.accountNotFound()
          await record(tx, by, { action: 'trading_account.changed', id })
          return row
        }),
      )
    },
  }
}

export type TradingAccounts = ReturnType<typeof createTradingAccounts>
