import { describe, expect, it } from 'vitest'
import type { Dialect } from '../../platform/db/index.ts'
import { type CommandInstance, commandInstance } from '../../testing/run-command.ts'
import { membersOf, storeSecondFactor } from '../../testing/seed-members.ts'

const PASSWORD = 'quite a long pass phrase, 7'
const UNFIT_NAMES = ['ada ', 'a\u202eda', 'ada@example.com', 'a'.repeat(51)]
const usersOf = async (instance: CommandInstance) => (await membersOf(instance)).users

const create = (instance: CommandInstance, ...more: string[]) =>
  instance.run(['user', 'create', '--username', 'Ada', '--email', 'Ada@Example.test', ...more], {
    stdin: `${PASSWORD}\n`,
  })

describe.each<Dialect>(['sqlite', 'postgres'])('outcry user on %s', (dialect) => {
  it('creates an active administrator whose password is hashed', async () => {
    const instance = await commandInstance(dialect)
    const { code, out, err } = await create(instance, '--role', 'admin', '--active')
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/^Made the account Ada \([0-9a-f-]{36}\), role admin, active\.$/)
    const [ada, ...others] = await usersOf(instance)
    expect(others).toEqual([])
    expect(ada).toMatchObject({ username: 'Ada', email: 'ada@example.test', role: 'admin', status: 'active' })
    expect(ada?.password_hash).toMatch(/^\$argon2id\$/)
  })

  it('sets password and role, and activates', async () => {
    const instance = await commandInstance(dialect)
    await create(instance)
    const [before] = await usersOf(instance)
    expect(before).toMatchObject({ role: 'user', status: 'pending_verification' })
    const who = ['--username', 'ada']
    expect((await instance.run(['user', 'activate', ...who])).code).toBe(0)
    expect((await instance.run(['user', 'set-role', ...who, '--role', 'moderator'])).code).toBe(0)
    const set = await instance.run(['user', 'set-password', ...who], { stdin: 'another long pass phrase, 8' })
    expect(set).toEqual({ code: 0, out: 'ada has another password and is signed out everywhere.', err: '' })
    const [after] = await usersOf(instance)
    expect(after).toMatchObject({ role: 'moderator', status: 'active' })
    expect(after?.password_hash).not.toBe(before?.password_hash)
  })

  it('makes no account with a name or an address that no form would take', async () => {
    const instance = await commandInstance(dialect)
    const refused = async (username: string, email: string) => {
      const args = ['user', 'create', `--username=${username}`, `--email=${email}`, '--active']
      return instance.run(args, { stdin: PASSWORD })
    }
    for (const username of UNFIT_NAMES) {
      expect(await refused(username, 'ada@example.test'), JSON.stringify(username)).toEqual({
        code: 1,
        out: '',
        err: 'A username is 3 to 50 letters, digits, _ and -; choose another username.',
      })
    }
    for (const email of ['a b@example.test', `ada@${'a.'.repeat(130)}test`]) {
      expect(await refused('ada', email), JSON.stringify(email)).toEqual({
        code: 1,
        out: '',
        err: 'This is not an email address; check it and try again.',
      })
    }
    expect(await usersOf(instance)).toEqual([])
    const fit = await refused('a'.repeat(50), 'ada@example.test')
    expect([fit.code, fit.err]).toEqual([0, ''])
  })
})

describe('outcry user disable-2fa', () => {
  it('switches a second factor off, and refuses where there is none', async () => {
    const instance = await commandInstance('sqlite')
    await create(instance, '--active')
    const who = ['--username', 'ada']
    const off = { code: 1, out: '', err: 'Two-factor sign-in is not on; set it up first.' }
    expect(await instance.run(['user', 'disable-2fa', ...who])).toEqual(off)
    await storeSecondFactor(instance, 'Ada')
    expect(await instance.run(['user', 'disable-2fa', ...who])).toEqual({
      code: 0,
      out: 'ada signs in without a second factor and is signed out everywhere.',
      err: '',
    })
    const [ada] = await usersOf(instance)
    expect(ada).toMatchObject({ two_factor_enabled: false, two_factor_secret: null })
    expect(await instance.run(['user', 'disable-2fa', ...who])).toEqual(off)
    expect((await instance.run(['user', 'disable-2fa', '--username', 'nobody'])).err).toBe(
      'There is no such member.',
    )
  })
})

describe('outcry user', () => {
  it('refuses a taken name, a common password and an unknown member, and changes nothing', async () => {
    const instance = await commandInstance('sqlite')
    await create(instance)
    const before = await usersOf(instance)
    expect(await create(instance)).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/^\S.*taken|exists/),
    })
    const common = await instance.run(
      ['user', 'create', '--username', 'eve', '--email', 'eve@example.test'],
      { stdin: 'password1234' },
    )
    expect(common).toMatchObject({ code: 1, out: '' })
    expect(common.err).toMatch(/^This password cannot be used/)
    const nobody = await instance.run(['user', 'activate', '--username', 'nobody'])
    expect(nobody).toEqual({ code: 1, out: '', err: 'There is no such member.' })
    expect(await usersOf(instance)).toEqual(before)
  })

  it.each([
    ['', 'No password came on standard input; nothing was changed.'],
    ['\n', 'No password came on standard input; nothing was changed.'],
    ['one\ntwo\n', 'Standard input must hold one line, the password; nothing was changed.'],
  ])('refuses %j as standard input', async (stdin, err) => {
    const instance = await commandInstance('sqlite')
    const args = ['user', 'create', '--username', 'Ada', '--email', 'ada@example.test']
    expect(await instance.run(args, { stdin })).toEqual({ code: 1, out: '', err })
  })

  it('takes no password from the command line', async () => {
    const instance = await commandInstance('sqlite')
    const { code, err } = await create(instance, '--password', PASSWORD)
    expect(code).toBe(2)
    expect(err).toContain('There is no option --password')
    expect(err).not.toContain(PASSWORD)
  })
})
