import { expect, it } from 'vitest'
import { MINUTE } from '../../../platform/durations.ts'
import {
  credentialEntries,
  forEachVaultApp,
  live,
  storeCredential,
} from '../../../testing/factories-vault.ts'
import { insertSignedInMember } from '../../../testing/signed-in-rows.ts'
import { storedRows } from '../../../testing/stored-rows.ts'

const NOBODYS = '01890a5d-ac96-774b-bcce-b302099a8057'
const NOTHING = { credential_id: null, credential: null, problem: null }

forEachVaultApp('PUT /credentials/active', {}, (on) => {
  const choose = (token: string, credential_id: unknown) =>
    on.app.send('PUT', '/credentials/active', { token, body: { credential_id } })
  const choicesOf = ({ id }: { id: string }) => storedRows(on.app, 'active_credentials', `user_id = '${id}'`)

  it('is closed to nobody, and to the credentials of others as if they were not there', async () => {
    const [owner, other] = [await insertSignedInMember(on.app), await insertSignedInMember(on.app)]
    const { id } = await storeCredential(on.app, owner)
    const gone = await storeCredential(on.app, other)
    await on.app.send('DELETE', `/credentials/${gone.id}`, { token: other.accessToken })
    expect((await choose('', id)).status).toBe(401)
    const refused = await Promise.all([id, NOBODYS, gone.id].map((each) => choose(other.accessToken, each)))
    const said = refused.map(({ text, body }) => text.replace(String(body.instance), ''))
    expect([refused[0]?.status, refused[0]?.body.code]).toEqual([404, 'vault.credential_not_found'])
    expect(new Set(said).size).toBe(1)
    expect(await choicesOf(other)).toEqual([])
    expect(await credentialEntries(on.app, id, 'credential.chosen')).toEqual([])
    const asked = `action = 'credential.chosen' and actor_id = '${other.id}'`
    const entries = await storedRows(on.app, 'audit_events', asked)
    expect(entries.map(({ result, object_id }) => [result, object_id])).toEqual(
      Array(3).fill(['refused', other.id]),
    )
  })

  it('refuses what is no id, and a body without one', async () => {
    const owner = await insertSignedInMember(on.app)
    const token = owner.accessToken
    for (const wrong of ['', 'nothing', 7, [], undefined]) {
      const { status, body } = await choose(token, wrong)
      expect([status, body.errors]).toMatchObject([422, [{ path: 'body.credential_id' }]])
    }
    expect(await choicesOf(owner)).toEqual([])
  })

  it('refuses one that is switched off or has expired, and keeps the choice before', async () => {
    const owner = await insertSignedInMember(on.app)
    const token = owner.accessToken
    const kept = await storeCredential(on.app, owner)
    const off = await storeCredential(on.app, owner)
    const expires_at = new Date(on.app.clock.now().getTime() + MINUTE).toISOString()
    const brief = await storeCredential(on.app, owner, { expires_at })
    await on.app.send('PUT', `/credentials/${off.id}`, { token, body: { is_active: false } })
    expect((await choose(token, kept.id)).status).toBe(200)
    on.app.clock.advance(MINUTE)
    for (const { id } of [off, brief]) {
      const { status, body } = await choose(token, id)
      expect([status, body.code]).toEqual([400, 'vault.credential_inactive'])
    }
    expect(await choicesOf(owner)).toMatchObject([{ credential_id: kept.id }])
  })

  it('keeps one choice of each member, the last, and takes it back for null', async () => {
    const owner = await insertSignedInMember(on.app)
    const token = owner.accessToken
    const paper = await storeCredential(on.app, owner)
    const real = await storeCredential(on.app, owner, live())
    for (const { id } of [paper, real]) {
      const { status, body } = await choose(token, id)
      expect(status).toBe(200)
      expect(body).toMatchObject({ credential_id: id, credential: { id }, problem: null })
      expect(await choicesOf(owner)).toMatchObject([{ credential_id: id }])
    }
    for (const again of [1, 2]) {
      const { status, body } = await choose(token, null)
      expect([again, status, body]).toEqual([again, 200, NOTHING])
    }
    expect(await choicesOf(owner)).toEqual([])
  })

  it('leaves one choice when twenty are made at once', async () => {
    const owner = await insertSignedInMember(on.app)
    const ids: string[] = []
    for (let made = 0; made < 4; made++) ids.push((await storeCredential(on.app, owner)).id)
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => choose(owner.accessToken, ids[n % ids.length])),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
    const rows = await choicesOf(owner)
    expect(rows).toHaveLength(1)
    expect(ids).toContain(rows[0]?.credential_id)
  })
})
