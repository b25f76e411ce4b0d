import { expect, it } from 'vitest'
import { updateRow } from '../../../platform/db/index.ts'
import { createSignedInMember, type SignedInMember } from '../../../testing/factories.ts'
import {
  credentialEntries,
  forEachVaultApp,
  newPair,
  storeCredential,
} from '../../../testing/factories-vault.ts'
import { storedCredential } from '../../../testing/stored-credential.ts'
import { type CredentialRow, userCredentials } from '../credential.table.ts'
import { sql } from '../vault.tables.ts'

const update = updateRow(sql, userCredentials)

forEachVaultApp('a whole row of before that somebody with the database puts back', {}, (on) => {
  const rowOf = (id: string) => storedCredential(on.app.app.platform.db, id)
  const putBack = ({ id, user_id: _, ...row }: CredentialRow) =>
    on.app.app.platform.db.withSystem((tx) => update(tx, { id }, row))
  const validate = (id: string, { accessToken: token }: SignedInMember) =>
    on.app.send('POST', `/credentials/${id}/validate`, { token })
  const rotate = async (id: string, { accessToken: token }: SignedInMember) => {
    const { status } = await on.app.send('PUT', `/credentials/${id}`, { token, body: newPair() })
    expect(status).toBe(200)
  }
  const stored = async () => {
    const member = await createSignedInMember(on.app)
    const { id } = await storeCredential(on.app, member)
    expect((await validate(id, member)).body).toMatchObject({ is_valid: true })
    return { id, member, first: await rowOf(id) }
  }
  const alarmsOf = async (id: string) => {
    const entries = await credentialEntries(on.app, id, 'credential.refused')
    return entries.filter(({ details }) => JSON.stringify(details).includes('integrity'))
  }
  const refused = async (id: string, member: SignedInMember) => {
    const [calls, alarms] = [on.broker.log.entries().length, await alarmsOf(id)]
    const { status, body } = await validate(id, member)
    expect([status, body.code]).toEqual([500, 'vault.credential_unreadable'])
    expect(on.broker.log.entries()).toHaveLength(calls)
    await expect.poll(() => alarmsOf(id)).toHaveLength(alarms.length + 1)
  }

  it('is refused after a rotation, and the pair that took its place still opens', async () => {
    const { id, member, first } = await stored()
    await rotate(id, member)
    const second = await rowOf(id)
    await putBack(first)
    await refused(id, member)
    await putBack(second)
    expect((await validate(id, member)).body).toMatchObject({ is_valid: true })
    await rotate(id, member)
    for (const row of [first, second]) {
      await putBack(row)
      await refused(id, member)
    }
  })

  it('is refused also when its owner has replaced a pair of before that was put back', async () => {
    const { id, member, first } = await stored()
    await rotate(id, member)
    const second = await rowOf(id)
    await rotate(id, member)
    await putBack(first)
    await refused(id, member)
    await rotate(id, member)
    const newest = await rowOf(id)
    expect(newest.key_version).toBe(4)
    expect((await validate(id, member)).body).toMatchObject({ is_valid: true })
    await putBack(second)
    await refused(id, member)
  })

  it('cannot be given a new pair after the key was deleted', async () => {
    const { id, member, first } = await stored()
    await on.app.send('DELETE', `/credentials/${id}`, { token: member.accessToken })
    await putBack(first)
    const again = await on.app.send('PUT', `/credentials/${id}`, {
      token: member.accessToken,
      body: newPair(),
    })
    expect([again.status, again.body.code]).toEqual([404, 'vault.credential_not_found'])
    expect((await rowOf(id)).key_version).toBe(1)
    await refused(id, member)
  })

  it('is refused by whichever letters its id is spelled in', async () => {
    const { id, member, first } = await stored()
    await rotate(id, member)
    await putBack(first)
    const calls = on.broker.log.entries().length
    const target = { method: 'GET', path: '/v2/positions', query: '', purpose: 'positions', actor: {} }
    const using = on.app.app.vaultClient.use(
      { owner: member.id, credential: id.toUpperCase(), ...target },
      { headers: {} },
    )
    await expect(using).rejects.toMatchObject({ code: 'vault.credential_not_found' })
    expect(on.broker.log.entries()).toHaveLength(calls)
  })

  it('is refused after the key was deleted', async () => {
    const { id, member, first } = await stored()
    const { status } = await on.app.send('DELETE', `/credentials/${id}`, { token: member.accessToken })
    expect(status).toBe(204)
    await putBack(first)
    await refused(id, member)
  })

  it('opens after a rotation that failed, for its pair was never replaced', async () => {
    const { id, member } = await stored()
    const wrong = { api_key: 'PKWRONG', secret_key: 'not-a-secret' }
    const { status } = await on.app.send('PUT', `/credentials/${id}`, {
      token: member.accessToken,
      body: wrong,
    })
    expect(status).toBe(422)
    expect((await validate(id, member)).body).toMatchObject({ is_valid: true })
  })
})
