import { expect, it } from 'vitest'
import type { Jobs } from '../../../platform/jobs/jobs.ts'
import { changeEmail, createSignedInMember, newEmail } from '../../../testing/factories.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'
import { storedRows } from '../../../testing/stored-rows.ts'
import { createMailedLinks, type MailLimits } from './mailed-links.ts'

forEachApp('a link that is mailed to whoever has an address', {}, (on) => {
  /** Mails a link that sets a new password, as the worker does, with something happening while it counts. */
  const mailLink = async (email: string, meanwhile: () => Promise<unknown>): Promise<string[]> => {
    const { db, clock, audit, newId } = on.app.app.platform
    const mailed: string[] = []
    let work: ((payload: unknown) => Promise<void>) | undefined
    const jobs: Pick<Jobs, 'enqueue' | 'handle'> = {
      enqueue: async () => undefined,
      handle(kind, handler) {
        const { signal } = new AbortController()
        const run = { id: newId(), idempotencyKey: 'once', attempt: 1, queuedAt: clock.now(), signal }
        const complete = async () => undefined
        work = (payload) => handler({ ...run, payload: kind.check(payload), complete })
      },
    }
    const mailLimits: MailLimits = {
      async take() {
        await meanwhile()
        return { allowed: true }
      },
    }
    createMailedLinks({
      ...{ db, clock, audit, jobs, mailLimits },
      mailPasswordReset: async (_tx, user) => void mailed.push(user.email),
      askForVerification: async () => undefined,
    })
    const purpose = 'password_reset'
    await work?.({ purpose, email, address: '127.0.0.1', request_id: 'a-request' })
    return mailed
  }

  it('goes to nobody whose address was taken back in that moment', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const taken = newEmail()
    const token = await changeEmail(app, member, taken)
    const undo = () => app.send('POST', '/auth/email-change/undo', { body: { token } })
    expect(await mailLink(taken, undo)).toEqual([])
    const asked = `object_id = '${member.id}' and action = 'account.password_reset_asked'`
    expect(await storedRows(app, 'audit_events', asked)).toMatchObject([{ result: 'refused' }])
    expect(await mailLink(member.email, async () => undefined)).toEqual([member.email])
  })
})
