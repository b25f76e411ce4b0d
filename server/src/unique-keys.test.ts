import { describe, expect, it } from 'vitest'
import { uuid } from './platform/db/index.ts'
import { tables } from './schema.ts'

/**
 * Unique indexes of private tables that reach over all members, and why "exists already" tells nobody anything: whoever
 * could ask would have to know the value, and only its owner does.
 */
const OVER_ALL_MEMBERS: Readonly<Record<string, string>> = {
  'email_change_tokens(token_hash)': 'the digest of 256 random bits of ours',
  'email_undo_tokens(token_hash)': 'the digest of 256 random bits of ours',
  'email_verification_tokens(token_hash)': 'the digest of 256 random bits of ours',
  'passkeys(credential_id)': 'a random number that the authenticator of its owner made',
  'password_reset_tokens(token_hash)': 'the digest of 256 random bits of ours',
  'pending_sign_ins(token_hash)': 'the digest of 256 random bits of ours',
  'personal_access_tokens(token_hash)': 'the digest of 256 random bits of ours',
  'user_credentials(user_account_id)': 'an account of the owner, held by a foreign key over both',
}

const found = tables.flatMap(({ name, access, indexes, primaryKey, columns }) => {
  if (access.kind !== 'private') return []
  const { owner } = access
  const keys = indexes.flatMap((index) => (index.kind === 'unique' ? [index.columns] : []))
  const overAll = keys.filter((key) => !key.includes(owner))
  const key = {
    of: name,
    columns: primaryKey,
    types: primaryKey.map((column) => columns[column]?.facts.type),
  }
  return [{ owner, key, overAll: overAll.map((key) => `${name}(${key.join(', ')})`) }]
})

describe('The unique keys of private tables', () => {
  it('C53: hold their owner, or what nobody else can know', () => {
    expect(found.length).toBeGreaterThan(10)
    expect(found.flatMap(({ overAll }) => overAll).sort()).toEqual(Object.keys(OVER_ALL_MEMBERS).sort())
  })

  it('C53: are otherwise ids, which the server makes', () => {
    const others = found.flatMap(({ owner, key }) => (key.columns.includes(owner) ? [] : [key]))
    for (const key of others) expect(key).toEqual({ of: key.of, columns: ['id'], types: [uuid().facts.type] })
  })
})
