import { expect, it } from 'vitest'
import type { AuditEntry } from '../../platform/audit/audit.ts'
import { InvalidValueError, isUniqueViolation, type Tx } from '../../platform/db/index.ts'
import { createSignedInMember, type SignedInMember } from '../../testing/factories.ts'
import { forEachApp } from '../../testing/start-test-app.ts'
import { storedRows } from '../../testing/stored-rows.ts'
import { findAccount, insertAccount } from './accounts/user-account.store.ts'
import { type Acting, aboutAccount, createVaultWork } from './acting.ts'

forEachApp('a deed that is looked at and done at once', {}, (on) => {
  const setting = async () => {
    const { db, clock, audit, newId } = on.app.app.platform
    const work = createVaultWork({
      ...{ db, clock, audit },
      notifyMember: () => Promise.reject(new Error('Nobody is told of it.')),
      holdMember: (tx, actor) => on.app.app.accounts.holdMember(tx, actor),
    })
    const member = await createSignedInMember(on.app)
    const [session] = await storedRows(on.app, 'sessions', `user_id = '${member.id}'`)
    const by: Acting = {
      ...{ userId: member.id, sessionId: String(session?.id), requestId: newId() },
      ...{ address: '192.0.2.1', userAgent: 'a browser', assertProof: () => undefined },
    }
    const now = clock.now()
    const row = { id: newId(), user_id: member.id, account_name: 'Desk', created_at: now, updated_at: now }
    const deed = { action: 'account.created', about: aboutAccount(row.id) }
    const write = (tx: Tx) => insertAccount(tx, row)
    return { work, member, by, row, deed, write }
  }
  const writtenBy = async ({ id }: SignedInMember) => [
    await storedRows(on.app, 'user_accounts', `user_id = '${id}'`),
    await storedRows(on.app, 'audit_events', `actor_id = '${id}' and action = 'account.created'`),
  ]
  const free = { begin: async () => undefined, decide: async () => undefined }

  it('is stored with its entry', async () => {
    const { work, member, by, row, deed, write } = await setting()
    const seen: unknown[] = []
    await work.enact(by, {
      ...{ ...deed, write },
      begin: (tx) => findAccount(tx, { id: row.id, userId: member.id }),
      decide: async (_tx, found) => void seen.push(found),
    })
    expect(seen).toEqual([undefined])
    expect(await writtenBy(member)).toMatchObject([[{ id: row.id }], [{ object_id: row.id, result: 'ok' }]])
  })

  it('leaves nothing behind when what it stands or falls with is not so, or it is decided against', async () => {
    const { work, member, by, row, deed, write } = await setting()
    const no = new Error('No.')
    const begin = async (tx: Tx) => {
      await insertAccount(tx, { ...row, account_name: 'Begun' })
      throw no
    }
    const decide = () => Promise.reject(no)
    await expect(work.enact(by, { ...deed, ...free, write, begin })).rejects.toBe(no)
    await expect(work.enact(by, { ...deed, ...free, write, decide })).rejects.toBe(no)
    expect(await writtenBy(member)).toEqual([[], []])
  })

  it('says what the database refused, and writes down nothing', async () => {
    const { work, member, by, deed, row } = await setting()
    const twice = (tx: Tx) => Promise.all([insertAccount(tx, row), insertAccount(tx, row)])
    const error = await work.enact(by, { ...deed, ...free, write: twice }).catch((thrown: unknown) => thrown)
    expect(isUniqueViolation(error, 'id')).toBe(true)
    expect(await writtenBy(member)).toEqual([[], []])
  })

  it.each<[string, Partial<Acting>, AuditEntry['details']]>([
    ['an address that is too long', { address: 'x'.repeat(46) }, {}],
    ['a request whose id has a NUL', { requestId: 'a\0b' }, {}],
    ['details with half a surrogate', {}, { name: '\ud800' }],
  ])('is not done when its entry cannot be written: %s', async (_what, more, details) => {
    const { work, member, by, deed, write } = await setting()
    const before = await storedRows(on.app, 'audit_head', 'id = 1')
    const error = await work
      .enact({ ...by, ...more }, { ...deed, ...free, ...{ details, write } })
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(InvalidValueError)
    expect(await writtenBy(member)).toEqual([[], []])
    expect(await storedRows(on.app, 'audit_head', 'id = 1')).toEqual(before)
  })

  it('is not done when what it begins with cannot be asked for', async () => {
    const { work, member, by, deed, write } = await setting()
    const no = new Error('No.')
    const begin = () => {
      throw no
    }
    const nobody = { ...by, sessionId: 'nonsense' }
    for (const as of [by, nobody])
      await expect(work.enact(as, { ...deed, ...free, write, begin })).rejects.toThrow()
    expect(await writtenBy(member)).toEqual([[], []])
  })

  it('is not done in a session that has ended', async () => {
    const { work, member, by, deed, write } = await setting()
    await on.app.app.accounts.admin.setPassword(member.username, 'another long pass phrase, 9')
    const error = await work.enact(by, { ...deed, ...free, write }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ status: 401 })
    expect(await writtenBy(member)).toEqual([[], []])
  })
})
