import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { maskUrl, Secret } from './secrets.ts'

it('gives a secret out by reveal only', () => {
  const secret = new Secret('canary-5f1c77')
  const shown = [
    String(secret),
    `${secret}`,
    JSON.stringify({ secret }),
    inspect({ secret }, { showHidden: true, depth: 9 }),
  ]
  expect(shown.filter((text) => text.includes('canary'))).toEqual([])
  expect(Object.values(secret)).toEqual([])
  expect(secret.reveal()).toBe('canary-5f1c77')
})

it.each([
  ['postgres://app:canary@db.example:5432/outcry?password=canary', 'postgres://***@db.example:5432/outcry'],
  ['postgres://app:can@canary@db.example/outcry', 'postgres://***@db.example/outcry'],
  ['smtps://canary@mail.example', 'smtps://***@mail.example'],
  ['https://example.test/path#canary', 'https://example.test/path'],
  ['sqlite:/var/lib/app.db', 'sqlite:/var/lib/app.db'],
  ['postgres:app:canary@db', undefined],
  ['postgres://app:canary@db:port/x', undefined],
  ['app:canary@db.example/outcry', undefined],
  ['canary', undefined],
])('shows %j as %j', (text, expected) => {
  expect(maskUrl(text)).toBe(expected)
})
