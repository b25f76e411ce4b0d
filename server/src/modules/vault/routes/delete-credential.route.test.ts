import { expect, it } from 'vitest'
import { HOUR, MINUTE } from '../../../platform/durations.ts'
import { createSignedInMember } from '../../../testing/factories.ts'
import {
  credentialEntries,
  credentialRow,
  forEachVaultApp,
  live,
  newPair,
  storeCredential,
  tryToStore,
} from '../../../testing/factories-vault.ts'
import { insertSignedInMember } from '../../../testing/signed-in-rows.ts'
import { storedOf } from '../../../testing/stored-rows.ts'

const NOBODYS = '01890a5d-ac96-774b-bcce-b302099a8057'

forEachVaultApp('DELETE /credentials/{id}', {}, (on) => {
  const remove = (token: string, id: string, ifMatch?: string) =>
    on.app.send('DELETE', `/credentials/${id}`, {
      token,
      ...(ifMatch === undefined ? {} : { headers: { 'if-match': ifMatch } }),
    })

  it('is closed to nobody, and to other members as if it were not there', async () => {
    const [owner, other] = [await insertSignedInMember(on.app), await insertSignedInMember(on.app)]
    const { id } = await storeCredential(on.app, owner)
    expect((await remove('', id)).status).toBe(401)
    const foreign = await remove(other.accessToken, id)
    const missing = await remove(other.accessToken, NOBODYS)
    const malformed = await remove(other.accessToken, 'nothing')
    const bytes = ({ text, body }: typeof foreign) => text.replace(String(body.instance), '')
    expect([foreign.status, foreign.body.code]).toEqual([404, 'vault.credential_not_found'])
    expect([bytes(missing), bytes(malformed)]).toEqual([bytes(foreign), bytes(foreign)])
    expect(await credentialRow(on.app, id)).toMatchObject({ deleted_at: null })
  })

  it('asks for a proof: of five minutes for a live key, of today for a paper one', async () => {
    const owner = await createSignedInMember(on.app)
    const real = await storeCredential(on.app, owner, live())
    const paper = await storeCredential(on.app, owner)
    on.app.clock.advance(6 * MINUTE)
    const stale = await remove(owner.accessToken, real.id)
    expect([stale.status, stale.body.code]).toEqual([401, 'http.insufficient_user_authentication'])
    expect((await credentialRow(on.app, real.id))?.deleted_at).toBeNull()
    expect((await credentialEntries(on.app, real.id, 'credential.deleted'))[0]?.result).toBe('refused')
    expect((await remove(owner.accessToken, paper.id)).status).toBe(204)
    const other = await createSignedInMember(on.app)
    const kept = await storeCredential(on.app, other)
    let { accessToken, refreshToken } = other
    for (let hours = 0; hours < 13; hours++) {
      on.app.clock.advance(HOUR)
      const { body } = await on.app.send('POST', '/auth/refresh', { body: { refresh_token: refreshToken } })
      accessToken = String(body.access_token)
      refreshToken = String(body.refresh_token)
    }
    expect((await remove(accessToken, kept.id)).status).toBe(401)
  })

  it('destroys the pair at once, keeps a tombstone, and lets the pair be stored again', async () => {
    const owner = await insertSignedInMember(on.app)
    const pair = newPair()
    const stored = await storeCredential(on.app, owner, pair)
    const { id, account_id } = stored
    const token = owner.accessToken
    await on.app.send('PUT', `/credentials/${id}`, { token, body: { is_default: true } })
    const answer = await remove(token, id)
    expect([answer.status, answer.text]).toEqual([204, ''])
    const after = await credentialRow(on.app, id)
    expect(after).toMatchObject({ api_key: null, secret_key: null, fingerprint: null, user_id: owner.id })
    expect(Boolean(after?.is_active) || Boolean(after?.is_default)).toBe(false)
    expect(after?.deleted_at).not.toBeNull()
    for (const [method, path] of [
      ['GET', ''],
      ['PUT', ''],
      ['DELETE', ''],
      ['POST', '/validate'],
      ['GET', '/account-data'],
      ['GET', '/history'],
    ] as const) {
      const body = method === 'PUT' ? { body: { nickname: 'x' } } : {}
      const gone = await on.app.send(method, `/credentials/${id}${path}`, { token, ...body })
      expect([method, path, gone.status]).toEqual([method, path, 404])
    }
    const choice = { token, body: { credential_id: id } }
    expect((await on.app.send('PUT', '/credentials/active', choice)).status).toBe(404)
    for (const list of ['positions', 'orders'])
      expect((await on.app.send('GET', `/${list}?credential_id=${id}`, { token })).status).toBe(404)
    const listed = await on.app.send('GET', '/credentials', { token })
    expect(listed.body).toMatchObject({ credentials: [], count: 0, total: 0 })
    const entries = await credentialEntries(on.app, id, 'credential.deleted')
    expect(entries).toMatchObject([{ result: 'ok', actor_id: owner.id, session_id: expect.any(String) }])
    expect((await tryToStore(on.app, owner, { account_id, ...pair })).status).toBe(201)
  })

  it('leaves no byte of what was sealed, in the database or its log, after a minute', async () => {
    const owner = await insertSignedInMember(on.app)
    const { id } = await storeCredential(on.app, owner)
    const before = await credentialRow(on.app, id)
    const sealed = [before?.api_key, before?.secret_key, before?.fingerprint].map(
      (bytes) => bytes as Uint8Array,
    )
    expect(await storedOf(on.app, sealed)).toEqual(sealed)
    expect((await remove(owner.accessToken, id)).status).toBe(204)
    on.app.clock.advance(MINUTE)
    await on.app.settle()
    expect(await storedOf(on.app, sealed)).toEqual([])
  })

  it('refuses what If-Match has not seen', async () => {
    const owner = await insertSignedInMember(on.app)
    const { id } = await storeCredential(on.app, owner)
    for (const tag of ['"2"', 'nonsense', 'W/"1"']) {
      const { status, body } = await remove(owner.accessToken, id, tag)
      expect([status, body.code]).toEqual([412, 'vault.version_stale'])
    }
    expect((await remove(owner.accessToken, id, '"1"')).status).toBe(204)
  })

  it('answers 204 to one of 20 at once', async () => {
    const owner = await insertSignedInMember(on.app)
    const { id } = await storeCredential(on.app, owner)
    const answers = await Promise.all(Array.from({ length: 20 }, () => remove(owner.accessToken, id)))
    expect(answers.map(({ status }) => status).sort()).toEqual([204, ...Array(19).fill(404)])
    expect(await credentialEntries(on.app, id, 'credential.deleted')).toHaveLength(1)
  })

  it('tells the owner of a live key by mail', async () => {
    const owner = await insertSignedInMember(on.app)
    const { id, key_hint } = await storeCredential(on.app, owner, live())
    expect((await remove(owner.accessToken, id)).status).toBe(204)
    await on.app.settle()
    const texts = on.app.mail.to(owner.email).map(({ text }) => text)
    expect(texts.filter((text) => text.includes('a live broker key was deleted'))).toHaveLength(1)
    expect(texts.join()).toContain(`its key ended in ${key_hint}`)
  })
})
