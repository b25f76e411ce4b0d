import { expect, it, vi } from 'vitest'
import { MINUTE } from '../../../platform/durations.ts'
import { createPersonalToken, createSignedInMember } from '../../../testing/factories.ts'
import {
  createTradingAccount,
  credentialRow,
  forEachVaultApp,
  newPair,
  storeCredential,
} from '../../../testing/factories-vault.ts'
import { type ActingMember, insertSignedInMember } from '../../../testing/signed-in-rows.ts'

const NOTHING = { credential_id: null, credential: null, problem: null }

forEachVaultApp('GET /credentials/active', {}, (on) => {
  const read = async ({ accessToken: token }: Pick<ActingMember, 'accessToken'>) => {
    const { status, body, text } = await on.app.send('GET', '/credentials/active', { token })
    expect(status, text).toBe(200)
    return body
  }
  const choose = async ({ accessToken: token }: ActingMember, credential_id: string) => {
    const { status, text } = await on.app.send('PUT', '/credentials/active', {
      token,
      body: { credential_id },
    })
    expect(status, text).toBe(200)
  }
  const change = ({ accessToken: token }: ActingMember, id: string, body: object) =>
    on.app.send('PUT', `/credentials/${id}`, { token, body })

  it('is closed to nobody and to personal access tokens', async () => {
    expect((await on.app.send('GET', '/credentials/active')).status).toBe(401)
    const owner = await createSignedInMember(on.app)
    const { token } = await createPersonalToken(on.app, owner, { scopes: ['broker:read'] })
    expect((await on.app.send('GET', '/credentials/active', { token })).status).toBe(403)
  })

  it('answers null until something is chosen, also for the only credential there is', async () => {
    const owner = await insertSignedInMember(on.app)
    expect(await read(owner)).toEqual(NOTHING)
    const account_id = await createTradingAccount(on.app, owner)
    const { id } = await storeCredential(on.app, owner, { account_id })
    await change(owner, id, { is_default: true })
    expect(await read(owner)).toEqual(NOTHING)
  })

  it('shows what was chosen as the credential itself is shown', async () => {
    const [owner, other] = [await insertSignedInMember(on.app), await insertSignedInMember(on.app)]
    const { id } = await storeCredential(on.app, owner, { nickname: 'Desk' })
    await choose(owner, id)
    const seen = await on.app.send('GET', `/credentials/${id}`, { token: owner.accessToken })
    expect(await read(owner)).toEqual({ credential_id: id, credential: seen.body, problem: null })
    expect(await read(other)).toEqual(NOTHING)
  })

  it('says that the chosen one is switched off or has expired, until it is not any more', async () => {
    const owner = await insertSignedInMember(on.app)
    const expires_at = new Date(on.app.clock.now().getTime() + MINUTE).toISOString()
    const { id } = await storeCredential(on.app, owner, { expires_at })
    await choose(owner, id)
    await change(owner, id, { is_active: false })
    expect(await read(owner)).toMatchObject({ credential_id: id, credential: { id }, problem: 'inactive' })
    await change(owner, id, { is_active: true })
    expect(await read(owner)).toMatchObject({ credential_id: id, problem: null })
    on.app.clock.advance(MINUTE)
    expect(await read(owner)).toMatchObject({ credential_id: id, credential: { id }, problem: 'expired' })
  })

  it('says that the broker refuses the chosen one, switched off or not, until it is replaced', async () => {
    const owner = await insertSignedInMember(on.app)
    const pair = newPair()
    const { id } = await storeCredential(on.app, owner, pair)
    await choose(owner, id)
    on.broker.controls.key({ environment: 'paper', keyId: pair.api_key, action: 'revoke' })
    const validate = () => on.app.send('POST', `/credentials/${id}/validate`, { token: owner.accessToken })
    for (let rejections = 1; rejections <= 3; rejections++) {
      await validate()
      await vi.waitFor(async () => expect((await credentialRow(on.app, id))?.rejections).toBe(rejections))
      expect(await read(owner)).toMatchObject({ credential_id: id, credential: { id }, problem: 'refused' })
    }
    await vi.waitFor(async () => expect(Boolean((await credentialRow(on.app, id))?.is_active)).toBe(false))
    expect(await read(owner)).toMatchObject({ credential: { is_active: false }, problem: 'refused' })
    const replaced = await change(owner, id, { ...newPair(), is_active: true })
    expect(replaced.status, replaced.text).toBe(200)
    expect(await read(owner)).toMatchObject({ credential_id: id, problem: null })
  })

  it('says that the chosen one was deleted, alone or with its account, until another is chosen', async () => {
    const owner = await insertSignedInMember(on.app)
    const token = owner.accessToken
    for (const pathOf of [
      ({ id }: { id: string }) => `/credentials/${id}`,
      ({ account_id }: { account_id: string }) => `/accounts/${account_id}`,
    ]) {
      const gone = await storeCredential(on.app, owner)
      const other = await storeCredential(on.app, owner)
      await choose(owner, gone.id)
      expect((await on.app.send('DELETE', pathOf(gone), { token })).status).toBeLessThan(300)
      expect(await read(owner)).toEqual({ credential_id: gone.id, credential: null, problem: 'deleted' })
      await choose(owner, other.id)
      expect(await read(owner)).toMatchObject({ credential_id: other.id, problem: null })
    }
  })
})
