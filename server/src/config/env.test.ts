import { existsSync } from 'node:fs'
import { afterEach, expect, it, vi } from 'vitest'
import { commandInstance } from '../testing/run-command.ts'
import { readEnvironment } from './env.ts'

afterEach(() => vi.unstubAllEnvs())

it('gives out our own names only', () => {
  vi.stubEnv('OUTCRY_PORT', '5000')
  vi.stubEnv('OTHER_PORT', '6000')
  expect(readEnvironment()).toMatchObject({ OUTCRY_PORT: '5000' })
  expect(Object.keys(readEnvironment()).every((name) => name.startsWith('OUTCRY_'))).toBe(true)
})

it.each([['serve'], ['keys', 'status']])(
  'C55, C64: lets nothing run that would believe every certificate: %s',
  async (...words) => {
    const instance = await commandInstance('sqlite')
    const env = { NODE_TLS_REJECT_UNAUTHORIZED: '0' }
    const { code, out, err } = await instance.spawn(words, { env })
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(/^NODE_TLS_REJECT_UNAUTHORIZED=0 .*; unset it, .*\.\n$/)
    expect(existsSync(instance.folder)).toBe(true)
    expect(existsSync(`${instance.folder}/data`)).toBe(false)
  },
)
