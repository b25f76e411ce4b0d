import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { verifyAuditLog } from '../../cli/verify-audit-log.ts'
import type { Config } from '../../config/config.ts'
import { databaseLocation } from '../../database-location.ts'
import { prepareVaultKeys } from '../../modules/vault/process/vault-key-ring.ts'
import { startCheckpoints } from '../../platform/audit/checkpoints.ts'
import { tamperWithLog } from '../../platform/audit/testing/tamper-with-log.ts'
import { createSignedInMember } from '../../testing/factories.ts'
import { MINUTE } from '../../testing/fixed-clock.ts'
import { forEachApp, startTestApp } from '../../testing/start-test-app.ts'
import { countStored, storedRows } from '../../testing/stored-rows.ts'

/** The very look of the command, in this process. */
function look(config: Config) {
  const { auditCheckpointsFile: file } = config
  return verifyAuditLog({ config, files: existsSync(file) ? [file] : [] })
}

const state = { isFailing: false }
async function lookOrFail() {
  if (state.isFailing) throw new Error('The command was killed.')
  return { entries: 3, signedTo: 2, faults: [] }
}

forEachApp('POST /admin/audit/verify', { verifyAuditLog: look }, (on) => {
  const verify = (token?: string) =>
    on.app.send('POST', '/admin/audit/verify', token === undefined ? {} : { token })
  const admin = () => createSignedInMember(on.app, { role: 'admin' })
  const audit = async (token: string) => {
    const { body } = await on.app.send('GET', '/admin/system', { token })
    return (body as { audit: { is_verifying: boolean; verified: Record<string, unknown> | null } }).audit
  }
  const entries = (action: string) => storedRows(on.app, 'audit_events', `action = '${action}'`)
  /** Signs the log as it is, as the vault process does. */
  const sign = async () => {
    const { config, app, clock } = on.app
    const { db, log } = app.platform
    const { auditSigning } = await prepareVaultKeys({ path: config.vaultKeysFile, db, clock })
    await startCheckpoints({
      db,
      key: auditSigning.current,
      path: config.auditCheckpointsFile,
      clock,
      log,
    }).stop()
  }

  it('is for administrators who have just proven who they are', async () => {
    expect((await verify()).status).toBe(401)
    const { accessToken: moderator } = await createSignedInMember(on.app, { role: 'moderator' })
    expect((await verify(moderator)).status).toBe(403)
    const { accessToken: stale } = await admin()
    on.app.clock.advance(6 * MINUTE)
    expect((await verify(stale)).body.code).toBe('http.insufficient_user_authentication')
    expect(await countStored(on.app, 'jobs', `kind = 'audit.verify'`)).toBe(0)
    expect(await audit(stale)).toMatchObject({ is_verifying: false, verified: null })
  })

  it('has it verified once behind the answer, however many ask, and shows what was found', async () => {
    const { accessToken: token, id } = await admin()
    await sign()
    const signedTo = await countStored(on.app, 'audit_events')
    const answers = await Promise.all(Array.from({ length: 16 }, () => verify(token)))
    expect(answers.map(({ status }) => status)).toEqual(Array(16).fill(202))
    expect(await countStored(on.app, 'jobs', `kind = 'audit.verify'`)).toBe(1)
    expect(await audit(token)).toMatchObject({ is_verifying: true, verified: null })
    expect(await entries('audit.verification_asked')).toMatchObject([{ actor_id: id, result: 'ok' }])
    const through = await countStored(on.app, 'audit_events')
    await on.app.settle()
    const checked_at = on.app.clock.now().toISOString()
    expect(await audit(token)).toMatchObject({
      is_verifying: false,
      verified: { ok: true, checked_at, through, signed_to: signedTo, fault: null },
    })
    expect(await entries('audit.verified')).toMatchObject([{ result: 'ok' }])
  })

  it('says that a log was tampered with, and where', async () => {
    const { accessToken: token } = await admin()
    await sign()
    const signed_to = await countStored(on.app, 'audit_events')
    await tamperWithLog(databaseLocation(on.app.config), [
      `update audit_events set result = 'failed' where seq = 2`,
    ])
    on.app.clock.advance(MINUTE)
    expect((await verify(token)).status).toBe(202)
    await on.app.settle()
    const checked_at = on.app.clock.now().toISOString()
    expect((await audit(token)).verified).toEqual({
      ok: false,
      checked_at,
      through: 1,
      signed_to,
      fault: 'Entry 2 was changed.',
    })
    expect((await entries('audit.verified')).map(({ result }) => result)).toEqual(['ok', 'failed'])
    expect(on.app.logged.some((line) => line.includes('not what was written'))).toBe(true)
  })
})

forEachApp('a verification that fails', { verifyAuditLog: lookOrFail }, (on) => {
  it('takes the place of an older result once it is given up, and gives way to a newer one', async () => {
    const { accessToken: token } = await createSignedInMember(on.app, { role: 'admin' })
    const verified = async (by = token) => {
      const { body } = await on.app.send('GET', '/admin/system', { token: by })
      return (body as { audit: { verified: unknown } }).audit.verified
    }
    const ended = () => storedRows(on.app, 'audit_events', `action = 'audit.verified'`)
    const verify = async (by = token) => {
      expect((await on.app.send('POST', '/admin/audit/verify', { token: by })).status).toBe(202)
      await on.app.settle()
    }
    state.isFailing = false
    await verify()
    const good = await verified()
    expect(good).toMatchObject({ ok: true, through: 3, signed_to: 2 })
    state.isFailing = true
    await verify()
    expect(await verified()).toEqual(good)
    for (let attempt = 2; attempt <= 3; attempt++) {
      on.app.clock.advance(10 * MINUTE)
      await on.app.settle()
    }
    const fault = 'The audit log could not be verified.'
    const checked_at = on.app.clock.now().toISOString()
    expect(await countStored(on.app, 'jobs', `kind = 'audit.verify' and dead_at is not null`)).toBe(1)
    const fresh = (await createSignedInMember(on.app, { role: 'admin' })).accessToken
    expect(await verified(fresh)).toEqual({ ok: false, checked_at, through: 0, signed_to: 0, fault })
    expect((await ended()).map(({ result }) => result)).toEqual(['ok', 'failed'])
    state.isFailing = false
    await verify(fresh)
    expect(await verified(fresh)).toMatchObject({ ok: true })
  })
})

it('is left to a process that can, and is given up with a plain sentence when that fails', async () => {
  await using app = await startTestApp({ dialect: 'sqlite' })
  const failing = () => Promise.reject(new Error('/secret/place cannot be read'))
  await using worker = await startTestApp({ dialect: 'sqlite', beside: app, verifyAuditLog: failing })
  const { accessToken: token } = await createSignedInMember(app, { role: 'admin' })
  expect((await app.send('POST', '/admin/audit/verify', { token })).status).toBe(202)
  await app.settle()
  expect(await countStored(app, 'jobs', `kind = 'audit.verify' and attempts = 0`)).toBe(1)
  for (let attempt = 0; attempt < 3; attempt++) {
    await worker.settle()
    app.clock.advance(10 * MINUTE)
  }
  const { body, text } = await app.send('GET', '/admin/jobs', { token })
  expect(body.items).toMatchObject([{ kind: 'audit.verify', attempts: 3 }])
  expect(text).not.toContain('/secret/place')
})
