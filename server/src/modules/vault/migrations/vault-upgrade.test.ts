import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createUuidv7 } from '../../../platform/crypto/uuid.ts'
import {
  type Dialect,
  insertRow,
  type Migration,
  migrate,
  openDatabase,
  openForMigration,
} from '../../../platform/db/index.ts'
import { migrations } from '../../../schema.ts'
import { tablesAfter } from '../../../testing/every-table.ts'
import { fixedClock } from '../../../testing/fixed-clock.ts'
import { createTestDatabase, type TestDatabase } from '../../../testing/for-each-database.ts'
import { insertMemberRows, memberRow } from '../../../testing/member-rows.ts'
import { asOwner } from '../../../testing/owner-queries.ts'
import { listCredentialsOf } from '../credentials/credential.store.ts'
import { userAccounts } from '../user-account.table.ts'
import { sql } from '../vault.tables.ts'
import { vaultTablesMigration } from './20261121-1100-vault-tables.ts'
import { vaultMultipleCredentialsMigration as stepTwo } from './20261121-1110-vault-multiple-credentials.ts'

const MEMBERS = 40
const ACCOUNTS = 3
const TYPES = ['alpaca_paper', 'alpaca_live'] as const
const CREDENTIALS = MEMBERS * ACCOUNTS * TYPES.length

const untilStepOne = migrations.filter(({ id }) => id <= vaultTablesMigration.id)
const clock = fixedClock('2026-11-21T12:00:00.000Z')
const newId = createUuidv7(clock)

const literal = (bytes: string, dialect: Dialect) => (dialect === 'sqlite' ? `x'${bytes}'` : `'\\x${bytes}'`)

/** One row of step one, as a version that knew nothing of nicknames wrote it. */
function insertionOf(dialect: Dialect, n: number, of: { account: string; member: string }): string {
  const type = TYPES[n % 2] ?? 'alpaca_paper'
  const at = clock.now().toISOString()
  const flag = (isSet: boolean) => (dialect === 'sqlite' ? Number(isSet) : isSet)
  const hex = (length: number) =>
    n
      .toString(16)
      .padStart(4, '0')
      .repeat(length / 2)
  const values = {
    id: `'${newId()}'`,
    user_account_id: `'${of.account}'`,
    user_id: `'${of.member}'`,
    created_at: `'${at}'`,
    updated_at: `'${at}'`,
    credential_type: `'${type}'`,
    api_key: literal(hex(100), dialect),
    secret_key: literal(hex(120), dialect),
    environment: n % 2 === 0 ? `'paper'` : `'live'`,
    fingerprint: literal(hex(32), dialect),
    key_hint: `'K${n % 1000}'`,
    key_version: 1 + (n % 3),
    is_active: flag(n % 5 !== 0),
    is_default: flag(n % 4 === 1),
    is_trading_enabled: flag(n % 7 === 0),
    expires_at: n % 6 === 0 ? `'${at}'` : 'null',
    version: 1 + (n % 9),
  }
  return `insert into user_credentials (${Object.keys(values).join(', ')}) values (${Object.values(values).join(', ')})`
}

describe.each<Dialect>(['sqlite', 'postgres'])(
  'the upgrade to several credentials of one type on %s',
  (dialect) => {
    let database: TestDatabase
    const members: string[] = []

    const run = async (list: readonly Migration[]) => {
      const connection = await openForMigration(database.location)
      try {
        return await migrate(connection, { migrations: list, tables: tablesAfter(list) })
      } finally {
        await connection.close()
      }
    }
    const credentials = () =>
      asOwner(database.location, (query) => query('select * from user_credentials order by id'))
    const indexes = () =>
      asOwner(database.location, async (query) => {
        const found = await query(
          dialect === 'sqlite'
            ? `select name from pragma_index_list('user_credentials')`
            : `select indexname as name from pg_indexes where tablename = 'user_credentials'`,
        )
        return found.map(({ name }) => name)
      })

    beforeEach(async () => {
      database = await createTestDatabase(dialect)
      await run(untilStepOne)
      members.length = 0
      const db = openDatabase(database.location)
      members.push(...Array.from({ length: MEMBERS }, () => newId()))
      await insertMemberRows(
        db,
        members.map((id, n) => ({ user: memberRow(id, `member_${n}`, clock.now()) })),
      )
      const insertAccount = insertRow(sql, userAccounts)
      const times = { created_at: clock.now(), updated_at: clock.now() }
      const accounts = members.flatMap((member) =>
        Array.from({ length: ACCOUNTS }, () => ({
          id: newId(),
          user_id: member,
          account_name: 'Desk',
          ...times,
        })),
      )
      await db.withSystem(async (tx) => {
        for (const account of accounts) await insertAccount(tx, account)
      })
      await db.close()
      const places = accounts.flatMap(({ id, user_id }) =>
        TYPES.map(() => ({ account: id, member: user_id })),
      )
      await asOwner(database.location, async (query) => {
        await query('begin')
        for (const [n, place] of places.entries()) await query(insertionOf(dialect, n, place))
        await query('commit')
      })
    })
    afterEach(() => database.drop())

    it('keeps every row of every member as it was, and names it after its type', async () => {
      const before = await credentials()
      expect(before).toHaveLength(CREDENTIALS)
      expect(await indexes()).toContain('idx_user_credentials_unique')
      expect(await run(migrations)).toContain(stepTwo.id)
      const after = await credentials()
      expect(after).toEqual(before.map((row) => ({ ...row, nickname: row.credential_type })))
      expect(await indexes()).toContain('idx_user_credentials_nickname')
      expect(await indexes()).not.toContain('idx_user_credentials_unique')
    })

    it('shows each member theirs, and nobody those of others, through the serving role', async () => {
      await run(migrations)
      const db = openDatabase(database.location, { ownerPredicates: dialect === 'sqlite' })
      for (const member of members.slice(0, 2)) {
        const rows = await listCredentialsOf(db.asMember(member), member)
        expect(rows).toHaveLength(ACCOUNTS * TYPES.length)
        expect(new Set(rows.map(({ user_id }) => user_id))).toEqual(new Set([member]))
        for (const { nickname, credential_type } of rows) expect(nickname).toBe(credential_type)
      }
      await db.close()
    })

    it('takes a second credential of one type afterwards, which step one refused', async () => {
      const [member = ''] = members
      const place = await asOwner(database.location, async (query) => {
        const [row] = await query(`select * from user_credentials where user_id = '${member}' order by id`)
        return { account: String(row?.user_account_id), member }
      })
      const second = insertionOf(dialect, CREDENTIALS + 2, place)
      const add = () => asOwner(database.location, (query) => query(second))
      await expect(add()).rejects.toThrow()
      await run(migrations)
      await add()
      expect(await credentials()).toHaveLength(CREDENTIALS + 1)
    })

    it('does nothing when it is run again by hand', async () => {
      await run(migrations)
      await asOwner(database.location, async (query) => {
        await query(`update user_credentials set nickname = 'Swing' where credential_type = 'alpaca_live'`)
        await query(`delete from outcry_migrations where id = '${stepTwo.id}'`)
      })
      const before = await credentials()
      expect(await run(migrations)).toEqual([stepTwo.id])
      expect(await credentials()).toEqual(before)
      expect(before.filter(({ nickname }) => nickname === 'Swing')).toHaveLength(CREDENTIALS / 2)
      expect((await indexes()).filter((name) => name === 'idx_user_credentials_nickname')).toHaveLength(1)
    })

    it('leaves step one as it is when it breaks off at its end, and goes through the next time', async () => {
      const before = await credentials()
      const broken = {
        ...stepTwo,
        steps: [...stepTwo.steps, { sqlite: ['nonsense'], postgres: ['nonsense'] }],
      }
      const history = migrations.map((migration) => (migration.id === stepTwo.id ? broken : migration))
      await expect(run(history)).rejects.toThrow()
      expect(await credentials()).toEqual(before)
      expect(Object.keys(before[0] ?? {})).not.toContain('nickname')
      expect(await indexes()).toContain('idx_user_credentials_unique')
      expect(await run(migrations)).toContain(stepTwo.id)
      expect(await credentials()).toHaveLength(CREDENTIALS)
    })
  },
)
