import { ownedBy, type Queryable, type Tx } from '../../../platform/db/index.ts'
import type { ActiveCredentialRow } from '../active-credential.table.ts'
import { sql } from '../vault.tables.ts'

const ofMember = sql.read((p: { userId: string }) =>
  sql.from('active_credentials').selectAll().where(ownedBy('active_credentials.user_id', p.userId)),
)

/** What a member has chosen; `undefined` when nothing. */
export function findChoice(db: Queryable, userId: string): Promise<ActiveCredentialRow | undefined> {
  return ofMember.first(db, { userId })
}

const upsert = sql.write((p: ActiveCredentialRow) =>
  sql.builder
    .insertInto('active_credentials')
    .values({ user_id: p.user_id, credential_id: p.credential_id, chosen_at: p.chosen_at })
    .onConflict((conflict) =>
      conflict.column('user_id').doUpdateSet({ credential_id: p.credential_id, chosen_at: p.chosen_at }),
    ),
)

/** Puts a choice in the place of the one before, if there was one; `tx` must be the member's. */
export function saveChoice(tx: Tx, choice: ActiveCredentialRow): Promise<void> {
  return upsert.execute(tx, choice)
}

const removal = sql.write((p: { userId: string }) =>
  sql.builder
    .deleteFrom('active_credentials')
    .where(ownedBy('active_credentials.user_id', p.userId))
    .returning(['credential_id']),
)

/** Takes a member's choice back; says what it was, `undefined` when there was none. */
export async function deleteChoice(tx: Tx, userId: string): Promise<string | undefined> {
  return (await removal.first(tx, { userId }))?.credential_id
}
