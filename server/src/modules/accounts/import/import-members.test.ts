import { expect, it } from 'vitest'
import { HOUR } from '../../../platform/durations.ts'
import {
  changeEmail,
  createSignedInMember,
  emailChangeTokenFor,
  newEmail,
  newUsername,
} from '../../../testing/factories.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'
import { countStored } from '../../../testing/stored-rows.ts'

forEachApp('bringing a member over with an address that another may have back', {}, (on) => {
  it('is refused as taken while that can be, and writes nothing', async () => {
    const { app } = on
    const { memberImport } = app.app.accounts
    const mover = await createSignedInMember(app)
    await changeEmail(app, mover, newEmail())
    const lineOf = (username: string) =>
      memberImport.read({ username, email: mover.email }, 1, { keepsRoles: false })
    const wanted = lineOf(newUsername())
    expect(await memberImport.standings([wanted, lineOf(mover.username)])).toEqual([
      { taken: 'email' },
      'there',
    ])
    const refused = await memberImport.add([wanted])
    expect(refused).toEqual({ added: 0, there: 0, taken: [{ line: 1, field: 'email' }] })
    expect(await countStored(app, 'users', `email = '${mover.email}'`)).toBe(0)
    app.clock.advance(72 * HOUR)
    expect(await memberImport.add([wanted])).toMatchObject({ added: 1, taken: [] })
  })

  it('is refused when it was given up in that very moment', async () => {
    const { app } = on
    const { memberImport } = app.app.accounts
    for (let round = 0; round < 6; round++) {
      const mover = await createSignedInMember(app)
      const line = { username: newUsername(), email: mover.email }
      const wanted = memberImport.read(line, 1, { keepsRoles: false })
      const token = await emailChangeTokenFor(app, mover, newEmail())
      const [first, changed, second] = await Promise.all([
        memberImport.add([wanted]),
        app.send('POST', '/auth/email-change/confirm', { body: { token } }),
        memberImport.add([wanted]),
      ])
      expect([first.added, changed.status, second.added]).toEqual([0, 200, 0])
      expect(await countStored(app, 'users', `email = '${mover.email}'`)).toBe(0)
    }
  })
})
