import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as argon2 from '@node-rs/argon2'
import * as bcrypt from '@node-rs/bcrypt'
import { describe, expect, it } from 'vitest'
import type { Dialect } from '../../platform/db/index.ts'
import { auditEntriesOf } from '../../testing/audit-entries.ts'
import { startServer } from '../../testing/crash/server-process.ts'
import { type CommandInstance, commandInstance, ended } from '../../testing/run-command.ts'
import { membersOf } from '../../testing/seed-members.ts'

const PASSWORD = 'quite a long pass phrase, 7'
const HASH = await bcrypt.hash(PASSWORD, { cost: 4 })

type Line = Readonly<Record<string, unknown>> | string

const usersOf = async (instance: CommandInstance) => (await membersOf(instance)).users
const person = (username: string, more: object = {}) => ({
  username,
  email: `${username.toLowerCase()}@example.test`,
  ...more,
})
const people = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    ...person(`person-${i}`, { password_hash: HASH, status: 'active' }),
    id: randomUUID(),
  }))

async function importUsers(instance: CommandInstance, lines: readonly Line[], ...options: string[]) {
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')
  await writeFile(join(instance.folder, 'members.jsonl'), text)
  return instance.run(['import', 'users', 'members.jsonl', ...options])
}

interface SignIn {
  readonly by: 'form' | 'json'
  readonly name: string
  readonly password?: string
}

const signIn = (url: string, { by, name, password = PASSWORD }: SignIn) =>
  by === 'form'
    ? fetch(`${url}/api/v1/auth/login`, {
        method: 'POST',
        body: new URLSearchParams({ username: name, password }),
      })
    : fetch(`${url}/api/v1/auth/login/json`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ username_or_email: name, password }),
      })

describe.each<Dialect>(['sqlite', 'postgres'])('outcry import users on %s', (dialect) => {
  it('cuts a moment to milliseconds, however finely it was written', async () => {
    const instance = await commandInstance(dialect)
    const { code, err } = await importUsers(instance, [
      person('ada', { created_at: '2021-02-03 04:05:06.123999999999+00' }),
      person('bea', { created_at: '2021-02-03T04:05:06.1234567890Z' }),
    ])
    expect(code, err).toBe(0)
    const users = await usersOf(instance)
    const moment = new Date('2021-02-03T04:05:06.123Z')
    expect(users.map(({ created_at }) => created_at)).toEqual([moment, moment])
  })

  it('brings members over as they are', async () => {
    const instance = await commandInstance(dialect)
    const id = randomUUID()
    const { code, out, err } = await importUsers(instance, [
      {
        id: id.toUpperCase(),
        username: 'Ada',
        email: 'Ada@Example.test',
        password_hash: HASH,
        full_name: 'Ada Lovelace',
        bio: 'Two\nlines',
        avatar_url: 'https://example.test/ada.png',
        website_url: 'https://example.test',
        location: 'London',
        phone: '+44 20 1234',
        date_of_birth: '1990-12-10',
        role: 'creator',
        status: 'suspended',
        is_verified: true,
        is_private: true,
        created_at: '2021-02-03 04:05:06.123456',
        email_verified_at: '2021-02-03T06:05:06+02:00',
        last_login_at: '2024-01-01T00:00:00Z',
      },
      '',
      person('bea', {
        hashed_password: await argon2.hash('x', { memoryCost: 512, timeCost: 1 }),
        bio: null,
        website: '',
      }),
      person('cleo', { email_verified_at: '2022-01-01T00:00:00+0100' }),
    ])
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/^3 members came over in \d+\.\d s, 0 were here already\.$/)
    const [ada, bea, cleo] = await usersOf(instance)
    expect(ada).toMatchObject({
      id,
      username: 'Ada',
      username_key: 'ada',
      email: 'ada@example.test',
      password_hash: HASH,
      display_name: 'Ada Lovelace',
      bio: 'Two\nlines',
      avatar_url: 'https://example.test/ada.png',
      website: 'https://example.test',
      location: 'London',
      phone_number: '+44 20 1234',
      date_of_birth: '1990-12-10',
      role: 'creator',
      status: 'suspended',
      is_verified: true,
      privacy_level: 'private',
      created_at: new Date('2021-02-03T04:05:06.123Z'),
      email_verified_at: new Date('2021-02-03T04:05:06.000Z'),
      last_login_at: new Date('2024-01-01T00:00:00.000Z'),
    })
    expect(bea).toMatchObject({ role: 'user', status: 'pending_verification', bio: null, website: null })
    expect(bea?.password_hash).toMatch(/^\$argon2id\$/)
    expect(cleo).toMatchObject({ status: 'active', password_hash: null })
    expect(cleo?.email_verified_at).toEqual(new Date('2021-12-31T23:00:00.000Z'))
  })

  it('leaves the count in the audit log, and each member with a role', async () => {
    const instance = await commandInstance(dialect)
    await importUsers(instance, [...people(3), person('mona', { role: 'moderator' })], '--roles')
    const mona = (await usersOf(instance)).find(({ username }) => username === 'mona')
    const entries = await auditEntriesOf(instance, 'account.imported_by_operator')
    expect(entries.map(({ object_id, details }) => [object_id, details])).toEqual([
      [mona?.id, { role: 'moderator', status: 'pending_verification' }],
      [null, { members: 4, from_line: 1, to_line: 4 }],
    ])
  })

  it('lets members in by form and by JSON with their old password, and hashes it anew', async () => {
    const instance = await commandInstance(dialect)
    const [ada, bea, cleo] = ['Ada', 'bea', 'cleo'].map((name) =>
      person(name, { password_hash: HASH, status: 'active' }),
    )
    await importUsers(instance, [ada ?? '', bea ?? '', cleo ?? ''])
    const server = startServer(instance)
    const { url } = await server.ready
    expect((await signIn(url, { by: 'form', name: 'ada' })).status).toBe(200)
    expect((await signIn(url, { by: 'json', name: 'bea@example.test' })).status).toBe(200)
    expect((await signIn(url, { by: 'json', name: 'cleo', password: `${PASSWORD}!` })).status).toBe(401)
    expect((await signIn(url, { by: 'form', name: 'cleo', password: HASH })).status).toBe(401)
    const hashes = (await usersOf(instance)).map(({ password_hash: hash }) => hash)
    expect(hashes).toEqual([
      expect.stringMatching(/^\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+,keyid=/),
      expect.stringMatching(/^\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+,keyid=/),
      HASH,
    ])
    expect((await signIn(url, { by: 'json', name: 'ada' })).status).toBe(200)
    expect((await signIn(url, { by: 'json', name: 'ada', password: `${PASSWORD}!` })).status).toBe(401)
    expect((await usersOf(instance))[0]?.password_hash).toBe(hashes[0])
    await server.end('SIGTERM')
  })

  it('passes over who is here already when it is run again', async () => {
    const instance = await commandInstance(dialect)
    const lines = [...people(3), person('named'), person('other', { phone: '12345' })]
    await importUsers(instance, lines)
    const before = await usersOf(instance)
    const again = await importUsers(instance, [...lines, person('fresh')])
    expect(again).toMatchObject({ code: 0, err: '' })
    expect(again.out).toMatch(/^1 member came over in \d+\.\d s, 5 were here already\.$/)
    const after = await usersOf(instance)
    expect(after.filter(({ username }) => username !== 'fresh')).toEqual(before)
    expect(after).toHaveLength(6)
  })

  it('writes nothing when something is taken by somebody else, and says what', async () => {
    const instance = await commandInstance(dialect)
    await importUsers(instance, [person('Ada', { phone: '12345' })])
    const before = await usersOf(instance)
    const { code, out, err } = await importUsers(instance, [
      person('bea'),
      person('ADA', { email: 'another@example.test' }),
      person('cleo', { email: 'ADA@example.test' }),
      person('dora', { phone_number: '12345' }),
    ])
    expect([code, out]).toEqual([1, ''])
    expect(err.split('\n')).toEqual([
      'Line 2: username is taken by another member.',
      'Line 3: email is taken by another member.',
      'Line 4: phone_number is taken by another member.',
      '3 lines have something wrong; nothing was written.',
    ])
    expect(await usersOf(instance)).toEqual(before)
  })

  it('finishes what a killed run began', async () => {
    const instance = await commandInstance(dialect)
    const lines = people(3_000)
    await importUsers(instance, lines, '--dry-run')
    expect(await usersOf(instance)).toEqual([])
    const program = instance.start(['import', 'users', 'members.jsonl'])
    const end = ended(program)
    await expect.poll(async () => (await usersOf(instance)).length, { timeout: 60_000 }).toBeGreaterThan(0)
    program.kill('SIGKILL')
    await end
    const half = await usersOf(instance)
    expect(half.length % 500).toBe(0)
    expect(half.length).toBeLessThan(3_000)
    const { code, out } = await importUsers(instance, lines)
    expect(code).toBe(0)
    expect(out).toContain(`${half.length.toLocaleString('en')} were here already.`)
    const all = await usersOf(instance)
    expect(all.map(({ id }) => id).sort()).toEqual(lines.map(({ id }) => id).sort())
    const entries = await auditEntriesOf(instance, 'account.imported_by_operator')
    expect(entries.reduce((sum, { details }) => sum + Number(details.members), 0)).toBe(3_000)
  })
})

describe('outcry import users', () => {
  it.each<[string, Line, string]>([
    ['text that is no JSON', `{"username":"ada","password_hash":"${HASH}"`, 'the line is not JSON'],
    ['a list', '["ada"]', 'the line must be a JSON object'],
    ['no email', { username: 'ada' }, 'email is required'],
    ['an empty username', person('', {}), 'username is required'],
    ['a short username', person('ad'), 'username must have at least 3 characters'],
    ['a username with a space', person('a da'), 'username may hold letters, digits, _ and - only'],
    ['a username that leads elsewhere', person('login'), 'username is reserved'],
    ['an address that is none', { username: 'ada', email: 'ada at home' }, 'email must be an email address'],
    ['a plain password', person('ada', { password_hash: PASSWORD }), 'password_hash must be a bcrypt hash'],
    [
      'another kind of hash',
      person('ada', { password_hash: '$5$abc$def' }),
      'password_hash must be a bcrypt hash',
    ],
    [
      'a bcrypt hash too costly',
      person('ada', { password_hash: HASH.replace('$04$', '$16$') }),
      'password_hash must',
    ],
    ['an id that is none', person('ada', { id: 7 }), 'id must be text'],
    ['the id of nobody', person('ada', { id: '00000000-0000-0000-0000-000000000000' }), 'id must be a UUID'],
    [
      'half of a surrogate pair',
      '{"username":"ada","email":"ada@example.test","bio":"a\\ud800"}',
      'bio contains half of a surrogate pair',
    ],
    [
      'an address that seems to lead elsewhere',
      person('ada', { avatar_url: 'https://good.example@evil.example/' }),
      'avatar_url must be a web address without a name in it',
    ],
    [
      'an address of two readings',
      person('ada', { website: 'https://good.example\\@evil.example/' }),
      'website must be a web address',
    ],
    [
      'a moment that no calendar has',
      person('ada', { created_at: '2021-02-30T00:00:00Z' }),
      'created_at must be a moment that exists',
    ],
    ['an unknown role', person('ada', { role: 'owner' }), 'role must be one of user, creator'],
    ['an unknown status', person('ada', { status: 'asleep' }), 'status must be one of active'],
    ['a long biography', person('ada', { bio: 'x'.repeat(501) }), 'bio must have at most 500 characters'],
    [
      'a script for an address',
      person('ada', { website: 'javascript:alert(1)' }),
      'website must be an address',
    ],
    [
      'a name that reorders text',
      person('ada', { full_name: 'a\u202eb' }),
      'full_name must show something, without line breaks',
    ],
    ['a day that is none', person('ada', { date_of_birth: '2001-02-30' }), 'date_of_birth must be a day'],
    ['a day to come', person('ada', { date_of_birth: '2999-01-01' }), 'date_of_birth must be between'],
    [
      'a moment that is none',
      person('ada', { created_at: '2021-13-01T00:00:00Z' }),
      'created_at must be a moment',
    ],
    ['a moment to come', person('ada', { created_at: '2999-01-01T00:00:00Z' }), 'created_at must be between'],
    ['a truth that is text', person('ada', { is_verified: 'yes' }), 'is_verified must be true or false'],
    ['a line of 64 KiB', person('ada', { bio: 'x'.repeat(65_536) }), 'the line is longer than 65536 bytes'],
  ])('refuses %s, says where, and writes nothing', async (_what, line, sentence) => {
    const instance = await commandInstance('sqlite')
    const { code, out, err } = await importUsers(instance, [person('fine'), line])
    expect([code, out]).toEqual([1, ''])
    const [first, ...rest] = err.split('\n')
    expect(first).toContain(`Line 2: ${sentence}`)
    expect(rest).toEqual(['1 line has something wrong; nothing was written.'])
    expect(err).not.toContain(HASH)
    expect(err).not.toContain(PASSWORD)
    expect(await usersOf(instance)).toEqual([])
  })

  it('refuses what one file has twice', async () => {
    const instance = await commandInstance('sqlite')
    const id = randomUUID()
    const { code, err } = await importUsers(instance, [
      person('ada', { id, phone: '1' }),
      person('ADA', { email: 'x@example.test' }),
      person('bea', { email: 'Ada@example.test' }),
      person('cleo', { id: id.toUpperCase() }),
      person('dora', { phone: '1' }),
    ])
    expect(code).toBe(1)
    expect(err.split('\n')).toEqual([
      'Line 2: username is the same as in line 1.',
      'Line 3: email is the same as in line 1.',
      'Line 4: id is the same as in line 1.',
      'Line 5: phone_number is the same as in line 1.',
      '4 lines have something wrong; nothing was written.',
    ])
    expect(await usersOf(instance)).toEqual([])
  })

  it('shows fifty faults and counts the others', async () => {
    const instance = await commandInstance('sqlite')
    const { err } = await importUsers(
      instance,
      Array.from({ length: 700 }, () => '{'),
    )
    const lines = err.split('\n')
    expect(lines).toHaveLength(51)
    expect(lines.at(-1)).toBe('700 lines have something wrong (650 more are not shown); nothing was written.')
  })

  it('makes members with a higher role ordinary ones, unless it is told to keep roles', async () => {
    const instance = await commandInstance('sqlite')
    const { out } = await importUsers(instance, [
      person('mona', { role: 'admin' }),
      person('carl', { role: 'creator' }),
    ])
    expect(out).toContain('Roles above creator that become user: 1; --roles keeps them.')
    await importUsers(instance, [person('sue', { role: 'super_admin' })], '--roles')
    const roles = (await usersOf(instance)).map(({ username, role }) => [username, role])
    expect(roles).toEqual([
      ['carl', 'creator'],
      ['mona', 'user'],
      ['sue', 'super_admin'],
    ])
  })

  it('names the fields that it leaves behind, and shows nothing of them', async () => {
    const instance = await commandInstance('sqlite')
    const { out } = await importUsers(instance, [
      person('ada', { two_factor_secret: 'JBSWY3DP', 'a\u001bb': 1, is_premium: null }),
    ])
    expect(out.split('\n')[1]).toBe('Fields that mean nothing here: two_factor_secret, a?b.')
    expect(out).not.toContain('JBSWY3DP')
  })

  it('reads a file with a byte order mark, CRLF, and no last line break; refuses what is not UTF-8', async () => {
    const instance = await commandInstance('sqlite')
    const text = `\u{feff}${JSON.stringify(person('ada'))}\r\n${JSON.stringify(person('bea'))}\r\n`
    expect((await importUsers(instance, [text + JSON.stringify(person('cleo'))])).code).toBe(0)
    expect(await usersOf(instance)).toHaveLength(3)
    await writeFile(join(instance.folder, 'members.jsonl'), Buffer.from([0x7b, 0xff, 0x7d]))
    const { code, err } = await instance.run(['import', 'users', 'members.jsonl'])
    expect([code, err.split('\n')[0]]).toEqual([1, 'Line 1: the line is not UTF-8.'])
  })

  it('refuses what cannot be read twice', async () => {
    const instance = await commandInstance('sqlite')
    for (const name of ['.', '/dev/null']) {
      const { code, err } = await instance.run(['import', 'users', name])
      expect([code, err]).toEqual([1, expect.stringContaining('is not a file')])
    }
  })

  it('says that a file is not there, or that none was named', async () => {
    const instance = await commandInstance('sqlite')
    const missing = await instance.run(['import', 'users', 'nothing.jsonl'])
    expect([missing.code, missing.err]).toEqual([
      1,
      `${join(instance.folder, 'nothing.jsonl')} cannot be used: it is not there.`,
    ])
    expect(await instance.run(['import', 'users'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('FILE.jsonl is missing.'),
    })
  })
})
