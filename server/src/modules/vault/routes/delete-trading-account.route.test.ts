import { expect, it } from 'vitest'
import { MINUTE } from '../../../platform/durations.ts'
import { createSignedInMember } from '../../../testing/factories.ts'
import {
  createTradingAccount,
  credentialEntries,
  forEachVaultApp,
  live,
  newPair,
  storeCredential,
} from '../../../testing/factories-vault.ts'
import { insertSignedInMember } from '../../../testing/signed-in-rows.ts'
import { countStored } from '../../../testing/stored-rows.ts'

const NOBODYS = '01890a5d-ac96-774b-bcce-b302099a8057'

forEachVaultApp('DELETE /accounts/{id}', {}, (on) => {
  const remove = (token: string, id: string) => on.app.send('DELETE', `/accounts/${id}`, { token })

  it('is closed to nobody, and to other members as if it were not there', async () => {
    const [owner, other] = [await insertSignedInMember(on.app), await insertSignedInMember(on.app)]
    const { id, account_id } = await storeCredential(on.app, owner)
    expect((await remove('', account_id)).status).toBe(401)
    const foreign = await remove(other.accessToken, account_id)
    const missing = await remove(other.accessToken, NOBODYS)
    const bytes = ({ text, body }: typeof foreign) => text.replace(String(body.instance), '')
    expect([foreign.status, foreign.body.code]).toEqual([404, 'vault.account_not_found'])
    expect(bytes(missing)).toBe(bytes(foreign))
    expect(await countStored(on.app, 'user_credentials', `id = '${id}' and deleted_at is null`)).toBe(1)
  })

  it('asks for a proof of five minutes when a live key is in it', async () => {
    const owner = await createSignedInMember(on.app)
    const account_id = await createTradingAccount(on.app, owner)
    await storeCredential(on.app, owner, { account_id })
    const { id } = await storeCredential(on.app, owner, { account_id, ...live() })
    const papers = await storeCredential(on.app, owner)
    on.app.clock.advance(6 * MINUTE)
    const stale = await remove(owner.accessToken, account_id)
    expect([stale.status, stale.body.code]).toEqual([401, 'http.insufficient_user_authentication'])
    expect(await countStored(on.app, 'user_credentials', `user_account_id = '${account_id}'`)).toBe(2)
    expect((await remove(owner.accessToken, papers.account_id)).status).toBe(200)
    const proof = { password: owner.password }
    await on.app.send('POST', '/auth/reauthenticate', { token: owner.accessToken, body: proof })
    expect((await remove(owner.accessToken, account_id)).status).toBe(200)
    await on.app.settle()
    const told = on.app.mail
      .to(owner.email)
      .filter(({ text }) => text.includes('a live broker key was deleted'))
    expect(told).toHaveLength(1)
    expect(await credentialEntries(on.app, id, 'credential.deleted')).toHaveLength(1)
  })

  it('destroys every credential in it, with an entry of each, and none elsewhere', async () => {
    const owner = await insertSignedInMember(on.app)
    const token = owner.accessToken
    const account_id = await createTradingAccount(on.app, owner)
    const pair = newPair()
    const inIt = [
      await storeCredential(on.app, owner, { account_id, ...pair }),
      await storeCredential(on.app, owner, { account_id }),
    ]
    const deleted = await storeCredential(on.app, owner, { account_id })
    await on.app.send('DELETE', `/credentials/${deleted.id}`, { token })
    const elsewhere = await storeCredential(on.app, owner)
    expect((await remove(token, account_id)).body).toMatchObject({ success: true, data: null })
    expect(await countStored(on.app, 'user_accounts', `id = '${account_id}'`)).toBe(0)
    expect(await countStored(on.app, 'user_credentials', `user_account_id = '${account_id}'`)).toBe(0)
    expect(await countStored(on.app, 'user_credentials', `id = '${elsewhere.id}'`)).toBe(1)
    for (const { id } of [...inIt, deleted]) {
      const entries = await credentialEntries(on.app, id, 'credential.deleted')
      expect(entries).toMatchObject([{ result: 'ok', actor_id: owner.id }])
      expect((await on.app.send('POST', `/credentials/${id}/validate`, { token })).status).toBe(404)
    }
    expect(await storeCredential(on.app, owner, pair)).toMatchObject({ version: 1 })
  })

  it('answers 200 to one of 16 at once', async () => {
    const owner = await insertSignedInMember(on.app)
    const { id, account_id } = await storeCredential(on.app, owner)
    const answers = await Promise.all(Array.from({ length: 16 }, () => remove(owner.accessToken, account_id)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(15).fill(404)])
    expect(await credentialEntries(on.app, id, 'credential.deleted')).toHaveLength(1)
  })
})
