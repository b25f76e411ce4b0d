import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { Secret } from './secret.ts'

it('shows nothing however it is turned into text', () => {
  const secret = new Secret('hunter2')
  const texts = [
    `${secret}`,
    String(secret),
    JSON.stringify({ secret }),
    inspect(secret),
    inspect({ a: [secret] }),
  ]
  for (const text of texts) {
    expect(text).toContain('[secret]')
    expect(text).not.toContain('hunter2')
  }
  expect({ ...secret }).toEqual({})
  expect(secret.reveal()).toBe('hunter2')
})
