import type { Config } from '../../../server/src/config/config.ts'
import { prepareVaultKeys } from '../../../server/src/modules/vault/process/vault-key-ring.ts'
import { userAccounts } from '../../../server/src/modules/vault/user-account.table.ts'
import { sql } from '../../../server/src/modules/vault/vault.tables.ts'
import { systemClock } from '../../../server/src/platform/clock.ts'
import { createUuidv7 } from '../../../server/src/platform/crypto/uuid.ts'
import { insertRow } from '../../../server/src/platform/db/index.ts'
import type { PreparedInstance } from '../../../server/src/prepare-instance.ts'
import { type SeededMember, seedMembers } from '../http/seed-members.ts'

const BATCH = 2_000
const insertAccount = insertRow(sql, userAccounts)

/** A member who is signed in, with a trading account. */
export interface SeededDesk {
  readonly member: SeededMember
  readonly accountId: string
}

/** Adds members with a trading account each, and makes the keys of the vault. */
export async function seedDesks(
  instance: PreparedInstance,
  config: Config,
  count: number,
): Promise<SeededDesk[]> {
  const { db } = instance
  await prepareVaultKeys({ path: config.vaultKeysFile, db, clock: systemClock })
  const members = await seedMembers(instance, config, { count })
  const newId = createUuidv7(systemClock)
  const now = systemClock.now()
  const desks = members.map((member) => ({ member, accountId: newId() }))
  for (let from = 0; from < count; from += BATCH) {
    await db.withSystem((tx) =>
      Promise.all(
        desks.slice(from, from + BATCH).map(({ member, accountId }) =>
          insertAccount(tx, {
            id: accountId,
            user_id: member.id,
            account_name: 'Desk',
            created_at: now,
            updated_at: now,
          }),
        ),
      ),
    )
  }
  return desks
}
