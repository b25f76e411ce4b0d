import { createHash, randomUUID } from 'node:crypto'
import { loadConfig } from '../config/config.ts'
import { databaseLocation } from '../database-location.ts'
import { emailVerificationTokens } from '../modules/accounts/registration/email-verification-token.table.ts'
import { sessions } from '../modules/accounts/sessions/session.table.ts'
import { users } from '../modules/accounts/users/user.table.ts'
import { readKeyRingFile } from '../platform/crypto/key-ring-file.ts'
import { createSealer } from '../platform/crypto/sealed.ts'
import { serverKeyRing } from '../platform/crypto/server-key-ring.ts'
import { createSql, type Db, insertRow, openDatabase, updateRow } from '../platform/db/index.ts'
import { insertMemberRows, memberRow, sessionRow } from './member-rows.ts'
import type { CommandInstance } from './run-command.ts'

const sql = createSql(users, sessions, emailVerificationTokens)
const updateUser = updateRow(sql, users)
const insertToken = insertRow(sql, emailVerificationTokens)
const allUsers = sql.read(() => sql.from('users').selectAll().orderBy('username'))
const allSessions = sql.read(() => sql.from('sessions').selectAll().orderBy('id'))
const allTokens = sql.read(() => sql.from('email_verification_tokens').selectAll().orderBy('id'))

/** Opens the database of an instance for the length of `work`. */
export async function withDatabaseOf<T>(
  instance: Pick<CommandInstance, 'env'>,
  work: (db: Db) => Promise<T>,
): Promise<T> {
  const db = openDatabase(databaseLocation(loadConfig(instance.env)))
  return work(db).finally(() => db.close())
}

/** What each member's authenticator is seeded with. */
export const secretOf = (username: string): string => `totp seed of ${username}`

/** Where the secret of a member is sealed to. */
export const secretBinding = (id: string) => ({
  table: 'users',
  record: id,
  owner: id,
  field: 'two_factor_secret',
  version: 1,
})

/** Adds members with a live session, a sealed secret and a mail link each, to an instance with a database and keys. */
export async function seedMembers(instance: CommandInstance, count: number): Promise<void> {
  const ring = await readKeyRingFile(serverKeyRing, loadConfig(instance.env).keysFile)
  const sealer = createSealer(ring.keyEncryption)
  const now = new Date('2026-01-31T19:45:00.000Z')
  const later = new Date('2030-01-01T00:00:00.000Z')
  const members = Array.from({ length: count }, (_, i) => ({
    id: randomUUID(),
    username: `member-${String(i).padStart(6, '0')}`,
  }))
  await withDatabaseOf(instance, async (db) => {
    await insertMemberRows(
      db,
      members.map(({ id, username }) => ({
        user: {
          ...memberRow(id, username, now),
          two_factor_secret: sealer.seal(secretBinding(id), secretOf(username)),
        },
        session: {
          ...sessionRow({ id: randomUUID(), user_id: id, refresh_key_id: ring.refreshToken.current.id }, now),
          ...{ expires_at: later, idle_expires_at: later },
        },
      })),
    )
    await db.withSystem((tx) =>
      Promise.all(
        members.map(({ id, username }) =>
          insertToken(tx, {
            id: randomUUID(),
            user_id: id,
            created_at: now,
            token_hash: createHash('sha256').update(username).digest(),
            expires_at: later,
          }),
        ),
      ),
    )
  })
}

/** Makes a member one with two-factor sign-in, whose seed nobody has. */
export function storeSecondFactor(instance: Pick<CommandInstance, 'env'>, username: string): Promise<number> {
  const on = { two_factor_enabled: true, two_factor_secret: new Uint8Array(150) }
  return withDatabaseOf(instance, (db) => db.withSystem((tx) => updateUser(tx, { username }, on)))
}

/** Every member of an instance. */
export function usersOf(instance: Pick<CommandInstance, 'env'>) {
  return withDatabaseOf(instance, (db) => allUsers.all(db.asSystem(), {}))
}

/** Every member, session and mail link of an instance. */
export function membersOf(instance: Pick<CommandInstance, 'env'>) {
  return withDatabaseOf(instance, async (db) => {
    const system = db.asSystem()
    return {
      users: await allUsers.all(system, {}),
      sessions: await allSessions.all(system, {}),
      tokens: await allTokens.all(system, {}),
    }
  })
}
