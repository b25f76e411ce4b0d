import { afterEach, expect, it, vi } from 'vitest'
import { readEnvironment } from './env.ts'

afterEach(() => vi.unstubAllEnvs())

it('gives out our own names only', () => {
  vi.stubEnv('OUTCRY_PORT', '5000')
  vi.stubEnv('OTHER_PORT', '6000')
  expect(readEnvironment()).toMatchObject({ OUTCRY_PORT: '5000' })
  expect(Object.keys(readEnvironment()).every((name) => name.startsWith('OUTCRY_'))).toBe(true)
})
