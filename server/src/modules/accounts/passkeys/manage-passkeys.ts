import type { Audit } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Db, Tx } from '../../../platform/db/index.ts'
import type { Page, PageQuery, ReadPage } from '../../../platform/paging/read-page.ts'
import { shortList } from '../../../platform/paging/short-list.ts'
import { accountsErrors } from '../accounts.errors.ts'
import { askedBySelf } from '../asking.ts'
import type { ClientFacts } from '../client-facts.ts'
import type { Notify } from '../notices.ts'
import type { EndAccess } from '../sessions/end-access.ts'
import { holdMember } from '../sessions/hold-member.ts'
import type { SessionOf } from '../sessions/signed-in-users.ts'
import type { UserRow } from '../users/user.table.ts'
import { deletePasskey, listOwnPasskeys, listPasskeysOf, renamePasskey } from './passkey.store.ts'
import type { PasskeyRow } from './passkey.table.ts'

export interface ManagePasskeysOptions {
  readonly db: Db
  readonly clock: Clock
  readonly audit: Audit
  readonly notify: Notify
  readonly endAccess: EndAccess
  readonly readPage: ReadPage
}

/** Whether a member could not sign in any more without this passkey. A mailed reset would still help them. */
function isLastWay(passkey: PasskeyRow, user: UserRow, own: readonly PasskeyRow[]): boolean {
  if (user.password_hash !== null || passkey.flagged_at !== null) return false
  return own.every(({ id, flagged_at }) => id === passkey.id || flagged_at !== null)
}

/** A member's own passkeys; those of others, missing ones and all the same: `accounts.passkey_not_found`. */
export function createManagePasskeys(options: ManagePasskeysOptions) {
  const { db, clock, audit, notify, endAccess, readPage } = options

  const removeIn = async (tx: Tx, actor: SessionOf, { id, client }: { id: string; client: ClientFacts }) => {
    const { userId, sessionId } = actor
    const user = await holdMember(tx, actor, clock.now())
    if (!user) throw accountsErrors.refreshInvalid()
    const own = await listPasskeysOf(tx, userId)
    const passkey = own.find((one) => one.id === id)
    if (!passkey) throw accountsErrors.passkeyNotFound()
    if (isLastWay(passkey, user, own)) throw accountsErrors.lastPasskey()
    await deletePasskey(tx, passkey)
    await endAccess(tx, { userId, reason: 'factor', exceptSessionId: sessionId })
    await notify(tx, user, { kind: 'passkeyRemoved', facts: client })
    await audit.record(tx, {
      action: 'passkey.removed',
      result: 'ok',
      ...askedBySelf({ actor, client }),
      objectType: 'passkey',
      objectId: id,
    })
  }

  return {
    /** The oldest first. Throws `accounts.cursor_invalid`. */
    list(userId: string, query: PageQuery): Promise<Page<PasskeyRow>> {
      const read = () => listOwnPasskeys(db.asMember(userId), userId)
      return readPage(shortList({ name: `passkeys ${userId}`, order: 'oldest first', read }), query)
    },

    async rename(userId: string, id: string, name: string): Promise<PasskeyRow> {
      const renamed = await db.withMember(userId, (tx) =>
        renamePasskey(tx, { id, user_id: userId, name: name.trim(), now: clock.now() }),
      )
      if (!renamed) throw accountsErrors.passkeyNotFound()
      return renamed
    },

    /** Ends every other session (C34). Throws `accounts.last_passkey` where that would lock the member out. */
    remove: (actor: SessionOf, passkey: { id: string; client: ClientFacts }): Promise<void> =>
      db.withSystem((tx) => removeIn(tx, actor, passkey)),
  }
}
