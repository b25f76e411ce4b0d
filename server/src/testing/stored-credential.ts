import { userCredentials } from '../modules/vault/credential.table.ts'
import type { KeyPair } from '../modules/vault/provider.ts'
import { userAccounts } from '../modules/vault/user-account.table.ts'
import { sql } from '../modules/vault/vault.tables.ts'
import type { VaultClient } from '../modules/vault/vault-client.ts'
import { type Db, insertRow, type NewRow } from '../platform/db/index.ts'

const insertAccount = insertRow(sql, userAccounts)
const insertCredential = insertRow(sql, userCredentials)
const byId = sql.read((p: { id: string }) => sql.from('user_credentials').selectAll().where('id', '=', p.id))

/** What a credential is put into, and who seals it. */
export interface CredentialPlace {
  readonly db: Db
  readonly client: VaultClient
  readonly newId: () => string
  readonly now: Date
}

type Traits = Partial<NewRow<typeof userCredentials>> & { readonly owner: string; readonly pair: KeyPair }

/** Seals a pair and stores it for a member, untried, in an account of its own; gives the credential's id. */
export async function storeCredentialRow(
  { db, client, newId, now }: CredentialPlace,
  { owner, pair, ...traits }: Traits,
): Promise<string> {
  const row = {
    id: newId(),
    user_id: owner,
    user_account_id: newId(),
    credential_type: 'alpaca_paper',
    nickname: 'test',
    ...traits,
    key_version: traits.key_version ?? 1,
  }
  const { sealed } = await client.seal(
    {
      owner,
      credential: row.id,
      type: row.credential_type,
      keyVersion: row.key_version,
      validate: false,
      actor: {},
    },
    pair,
  )
  if (!sealed) throw new Error('The vault did not seal.')
  const { apiKey, secretKey, fingerprint, keyHint, environment } = sealed
  const times = { created_at: now, updated_at: now }
  await db.withSystem(async (tx) => {
    await insertAccount(tx, { id: row.user_account_id, user_id: owner, account_name: 'Desk', ...times })
    await insertCredential(tx, {
      ...row,
      ...times,
      api_key: apiKey,
      secret_key: secretKey,
      fingerprint,
      key_hint: keyHint,
      environment,
    })
  })
  return row.id
}

/** A credential as it is stored. */
export async function storedCredential(db: Db, id: string) {
  const row = await byId.first(db.asSystem(), { id })
  if (!row) throw new Error('There is no such credential.')
  return row
}
