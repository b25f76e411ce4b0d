import { describe, expect, it } from 'vitest'
import type { Dialect } from '../../platform/db/index.ts'
import { commandInstance, ended } from '../../testing/run-command.ts'

const documentKeys = ['openapi', 'info', 'paths', 'components']

describe.each<Dialect>(['sqlite', 'postgres'])('outcry serve on %s', (dialect) => {
  it('starts from nothing, answers, and stops when it is told to', async () => {
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
