import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { createOpaqueToken, digestToken, equalDigests, isOpaqueToken } from './opaque-token.ts'

it('makes 256-bit tokens that never repeat', () => {
  const tokens = Array.from({ length: 1_000 }, createOpaqueToken)
  expect(new Set(tokens).size).toBe(1_000)
  expect(tokens.every(isOpaqueToken)).toBe(true)
})

it('accepts no second spelling of a token', () => {
  const token = createOpaqueToken()
  const last = token.slice(-1)
  const others = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'].filter(
    (c) => c !== last,
  )
  const accepted = others.filter((c) => isOpaqueToken(token.slice(0, -1) + c))
  const sameBytes = accepted.filter((c) =>
    Buffer.from(token.slice(0, -1) + c, 'base64url').equals(Buffer.from(token, 'base64url')),
  )
  expect(sameBytes).toEqual([])
  for (const text of [`${token}=`, ` ${token}`, `${token}\n`, token.slice(1), '', `${token.slice(0, -1)}+`]) {
    expect(isOpaqueToken(text)).toBe(false)
  }
})

it('digests with SHA-256 and compares digests', () => {
  const token = createOpaqueToken()
  expect(digestToken(token)).toEqual(createHash('sha256').update(token).digest())
  expect(equalDigests(digestToken(token), digestToken(token))).toBe(true)
  expect(equalDigests(digestToken(token), digestToken(createOpaqueToken()))).toBe(false)
  expect(equalDigests(digestToken(token), digestToken(token).subarray(1))).toBe(false)
})
