import { describe, expect, it } from 'vitest'
import type { Dialect } from '../../platform/db/index.ts'
import { tables } from '../../schema.ts'
import { openRowReader } from '../../testing/fuzz/row-snapshot.ts'
import { type CommandInstance, commandInstance, ended } from '../../testing/run-command.ts'

const documentKeys = ['openapi', 'info', 'paths', 'components']

/** What the product itself keeps, of nobody. */
const OF_NOBODY = ['audit_head', 'instance_state', 'jobs', 'outcry_migrations']

/** The tables in which a row is stored, read past the application. */
async function filledTables(instance: Pick<CommandInstance, 'env'>): Promise<string[]> {
  await using reader = await openRowReader(instance)
  const snapshot = await reader.snapshot()
  expect(Object.keys(snapshot)).toEqual(expect.arrayContaining(tables.map(({ name }) => name)))
  return Object.keys(snapshot).filter((name) => !snapshot[name]?.startsWith('0 '))
}

describe.each<Dialect>(['sqlite', 'postgres'])('outcry serve on %s', (dialect) => {
  it('C82: starts from nothing with no account, credential, token or session, answers, and stops when told to', async () => {
    const instance = await commandInstance(dialect)
    const program = instance.start(['serve'])
    let said = ''
    const address = new Promise<string>((resolve) => {
      program.stdout?.on('data', (text) => {
        said += String(text)
        const found = /listening on (http:\/\/\S+?)\)/.exec(said)?.[1]
        if (found) resolve(found)
      })
    })
    const ending = ended(program)
    const response = await fetch(`${await address}/health/ready`)
    expect(response.status).toBe(200)
    expect((await filledTables(instance)).toSorted()).toEqual(OF_NOBODY)

    const backup = await instance.run(['backup', 'while-serving'])
    expect(backup.code).toBe(0)
    program.kill('SIGTERM')
    expect(await ending).toMatchObject({ code: 0, err: '' })
    await expect(fetch(`${await address}/health/ready`)).rejects.toThrow()
  })
})

describe('outcry serve', () => {
  it('refuses to start with wrong settings, in one sentence', async () => {
    const instance = await commandInstance('sqlite')
    const { code, err } = await instance.spawn(['serve'], { env: { OUTCRY_PORT: 'eighty' } })
    expect([code, err]).toEqual([1, 'OUTCRY_PORT must be a whole number from 0 to 65535; "eighty" is not.\n'])
  })
})

describe('outcry openapi', () => {
  it('prints the document without settings or a database', async () => {
    const instance = await commandInstance('sqlite')
    const { code, out } = await instance.run(['openapi'])
    expect(code).toBe(0)
    const document = JSON.parse(out)
    expect(document).toMatchObject({ openapi: expect.stringMatching(/^3\.1/) })
    for (const key of documentKeys) expect(document).toHaveProperty(key)
    expect(document.paths).toHaveProperty(['/api/v1/auth/me'])
  })
})
