import { expect, it } from 'vitest'
import { type DoomedJobs, doomedJobs } from '../../testing/doomed-jobs.ts'
import { createSignedInMember } from '../../testing/factories.ts'
import { MINUTE } from '../../testing/fixed-clock.ts'
import { forEachApp } from '../../testing/start-test-app.ts'
import { storedRows } from '../../testing/stored-rows.ts'

const NOBODY = '01890a5d-ac96-774b-bcce-b302099a8057'

forEachApp('POST /admin/jobs/{id}/retry', {}, (on) => {
  let doomed: DoomedJobs | undefined
  const jobs = () => (doomed ??= doomedJobs(on.app))
  const retry = (id: string, token?: string) =>
    on.app.send('POST', `/admin/jobs/${id}/retry`, token === undefined ? {} : { token })
  const admin = () => createSignedInMember(on.app, { role: 'admin' })
  const isDead = async (id: string) =>
    (await storedRows(on.app, 'jobs', `id = '${id}' and dead_at is not null`)).length === 1
  const entriesAbout = (id: string) =>
    storedRows(on.app, 'audit_events', `object_type = 'job' and object_id = '${id}'`)

  it('is for administrators who have just proven who they are', async () => {
    const id = await jobs().giveUp()
    expect((await retry(id)).status).toBe(401)
    const { accessToken: moderator } = await createSignedInMember(on.app, { role: 'moderator' })
    expect((await retry(id, moderator)).status).toBe(403)
    const { accessToken: stale } = await admin()
    on.app.clock.advance(6 * MINUTE)
    const { status, body } = await retry(id, stale)
    expect([status, body.code]).toEqual([401, 'http.insufficient_user_authentication'])
    expect(await isDead(id)).toBe(true)
    expect(await entriesAbout(id)).toEqual([])
  })

  it('finds nothing where nothing was given up', async () => {
    const { accessToken: token } = await admin()
    const waiting = await jobs().add()
    for (const id of [NOBODY, 'no-id', waiting]) {
      const { status, body } = await retry(id, token)
      expect([status, body.code]).toEqual([404, 'operations.job_not_found'])
    }
    expect(await entriesAbout(waiting)).toEqual([])
    await on.app.settle()
  })

  it('has the work done again, and says in the audit log who asked', async () => {
    const id = await jobs().giveUp({ about: 'the work' })
    const { accessToken: token, id: adminId } = await admin()
    jobs().failWith(undefined)
    expect(await retry(id, token)).toMatchObject({ status: 200, body: { success: true } })
    expect(await isDead(id)).toBe(false)
    expect(jobs().done).toEqual([])
    expect(await on.app.app.platform.jobs.settle()).toBeGreaterThan(0)
    expect(jobs().done).toEqual(['the work'])
    expect(await storedRows(on.app, 'jobs', `id = '${id}'`)).toEqual([])
    const [entry, ...others] = await entriesAbout(id)
    expect(others).toEqual([])
    expect(entry).toMatchObject({ action: 'job.retried', result: 'ok', actor_id: adminId })
    expect(entry?.session_id).toBeTruthy()
    expect((await retry(id, token)).status).toBe(404)
  })

  it('leaves alone what newer work took the place of', async () => {
    jobs().failWith(new Error('no luck'))
    const id = await jobs().giveUp({ key: 'one' })
    jobs().failWith(undefined)
    const { accessToken: token } = await admin()
    await jobs().add({ key: 'one' })
    const { status, body } = await retry(id, token)
    expect([status, body.code]).toEqual([409, 'operations.job_replaced'])
    expect(await isDead(id)).toBe(true)
    expect(await entriesAbout(id)).toEqual([])
    await on.app.settle()
    expect((await retry(id, token)).status).toBe(200)
  })

  it('gives one of many who ask at once the go, and one entry', async () => {
    jobs().failWith(new Error('no luck'))
    const id = await jobs().giveUp()
    const { accessToken: token } = await admin()
    const answers = await Promise.all(Array.from({ length: 16 }, () => retry(id, token)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(15)
    expect(await entriesAbout(id)).toHaveLength(1)
  })
})
