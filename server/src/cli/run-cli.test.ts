import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { commandInstance } from '../testing/run-command.ts'
import { commands } from './command-list.ts'

describe('the command line', () => {
  it('lists every command', async () => {
    const instance = await commandInstance('sqlite')
    for (const args of [['--help'], ['-h'], ['help']]) {
      const { code, out, err } = await instance.run(args)
      expect([code, err]).toEqual([0, ''])
      for (const { name, summary, isHidden } of commands) {
        const line = new RegExp(`^  ${name} +${summary}$`, 'm')
        if (isHidden) expect(out).not.toMatch(line)
        else expect(out).toMatch(line)
      }
    }
  })

  it('says its version', async () => {
    const instance = await commandInstance('sqlite')
    const { code, out } = await instance.run(['--version'])
    expect([code, out]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+$/)])
  })

  it.each(commands.map(({ name }) => name))('explains %s and touches nothing', async (name) => {
    const instance = await commandInstance('sqlite')
    const { code, out, err } = await instance.run([...name.split(' '), '--help'], {
      env: { OUTCRY_NONSENSE: 'x' },
    })
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(new RegExp(`^Usage: outcry ${name}`))
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(130)
  })

  it.each([
    [['mirgate'], 'There is no command "mirgate"; did you mean outcry migrate?'],
    [['user', 'crate'], 'There is no command "user crate"; did you mean outcry user create?'],
    [['--verbose'], 'Say which command; outcry --help lists them.'],
    [['migrate', '--stats'], 'There is no option --stats; did you mean --status?'],
    [['openapi', '--json'], 'There is no option --json; this command takes none.'],
    [['migrate', '--status=yes'], 'The option --status takes no value.'],
    [['migrate', '--status', '--status'], 'The option --status is given twice.'],
    [['migrate', '--status', '--dry-run'], 'Give --status or --dry-run, not both.'],
    [['migrate', 'now'], '"now" is one word too many.'],
    [['backup'], 'DIR is missing.'],
    [['user', 'activate'], 'The option --username NAME is missing.'],
    [['user', 'activate', '--username'], 'The option --username needs a value: --username NAME.'],
    [
      ['user', 'set-role', '--username', 'a', '--role', 'king'],
      '--role must be one of user, creator, moderator, admin, super_admin.',
    ],
    [['serve', '--role', 'web,database'], '--role takes web, worker, or both with a comma.'],
    [['db', 'copy', '--from', 'sqlite:a'], 'The option --to URL is missing.'],
    [
      ['db', 'copy', '--from', 'mysql://root:geheim@h/d', '--to', 'sqlite:b'],
      '--from must be sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/NAME.',
    ],
  ])('ends with 2 and one sentence for %j', async (args, sentence) => {
    const instance = await commandInstance('sqlite')
    expect(await instance.run(args)).toEqual({ code: 2, out: '', err: sentence })
  })

  it.each([[['migrate']], [['openapi']], [['db', 'copy', '--from', 'sqlite:a.db', '--to', 'sqlite:b.db']]])(
    'says all that is wrong with the settings, a line each, for %j',
    async (args) => {
      const instance = await commandInstance('sqlite')
      const env = { OUTCRY_PROT: '1', OUTCRY_SIGNUP: 'maybe' }
      const { code, out, err } = await instance.run(args, { env })
      expect([code, out]).toEqual([1, ''])
      expect(err.split('\n').sort()).toEqual([
        'OUTCRY_SIGNUP must be one of open, invite, approval, closed; "maybe" is not.',
        'There is no setting OUTCRY_PROT; did you mean OUTCRY_PORT?',
      ])
    },
  )

  it('keeps the details of what nobody expected in a log of the operator’s own', async () => {
    const instance = await commandInstance('sqlite')
    const stdin = new Readable({ read: () => stdin.destroy(new TypeError('a secret detail')) })
    const args = ['user', 'set-password', '--username', 'ada']
    const { code, err } = await instance.run(args, { stdin })
    expect(code).toBe(1)
    const id = /^Something unexpected went wrong \(error (\w{10})\); the details are in \S+\.$/.exec(err)?.[1]
    const file = join(instance.folder, 'data', 'command-errors.log')
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ error_id: id, level: 'error' })
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('is what bin/outcry runs, from any folder', async () => {
    const instance = await commandInstance('sqlite')
    const help = await instance.spawn(['--help'])
    expect(help).toMatchObject({ code: 0, err: '', out: expect.stringContaining('Usage: outcry COMMAND') })
    const wrong = await instance.spawn(['serv'])
    expect(wrong).toEqual({
      code: 2,
      out: '',
      err: 'There is no command "serv"; did you mean outcry serve?\n',
    })
  })
})
