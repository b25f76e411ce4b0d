import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLogger } from './logger.ts'

/** A secret in each known shape. */
const SECRETS = [
  'canary.ann@mail.example.test',
  'postgres://app:canary@db/x',
  'postgres://app:hunt"canary@db/x',
  'Bearer canary123456.xyz',
  'eyJcanary.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
  '$argon2id$v=19$m=47104,t=1,p=1$canary$aGFzaA',
  '?token=canary',
] as const
const CANARY = /canary/i

const CONTROLS = Array.from({ length: 32 }, (_, code) => String.fromCharCode(code))
/** What JSON writes with a backslash. */
const ESCAPED = [...CONTROLS, '"', '\\', '\ud83d', '\udc00']
/** What ends each of the secrets. */
const ENDS = [' ', '\n', '\t', '\r', '"']

const lines: string[] = []
const log = createLogger({ destination: { write: (line) => lines.push(line) } })

function written(value: string): Record<string, unknown> {
  lines.length = 0
  log.error({ note: value, err: new Error(value, { cause: new Error(value) }) }, value)
  expect(lines).toHaveLength(1)
  expect(lines[0]?.match(/\n/g)).toHaveLength(1)
  expect(lines[0]).not.toMatch(CANARY)
  return JSON.parse(lines[0] ?? '')
}

describe('a line of the log', () => {
  it.each(SECRETS)('C79: keeps what stands around %s, which it does not hold', (secret) => {
    for (const before of ESCAPED)
      for (const after of ENDS) {
        const { note, message, err } = written(`${before}${secret}${after}tail`)
        expect(note).toMatch(/\[redacted\]/)
        expect(note).toSatisfy(
          (text: string) => text.startsWith(`${before}[`) && text.endsWith(`${after}tail`),
        )
        expect(message).toBe(note)
        expect(err).toMatchObject({ message: note, cause: { message: note } })
      }
  })

  it('C79: is JSON without a secret, whatever they stand between', () => {
    const text = fc.oneof(
      ...[fc.constantFrom(...ESCAPED, '\\n', '\\u00', 'u0041', '://', '@', ':', '/', '.', ' '), fc.string()],
      fc.string({ unit: 'binary' }),
    )
    const around = fc.array(text, { maxLength: 5 }).map((each) => each.join('').replace(CANARY, ''))
    fc.assert(
      fc.property(
        fc.array(fc.tuple(around, fc.constantFrom(...SECRETS), fc.constantFrom(...ENDS))),
        (parts) => {
          written(parts.map(([before, secret, after]) => `${before} ${secret}${after}`).join(''))
        },
      ),
    )
  })

  it('C79: is as it was when it holds no secret', () => {
    const text = fc.oneof(
      fc.constantFrom(...ESCAPED, 'x@', 'a=b', '$', '://'),
      fc.stringMatching(/^[a-z ]*$/),
    )
    fc.assert(
      fc.property(fc.array(text), (parts) => {
        const value = parts.join(' ')
        expect(written(value)).toMatchObject({ note: value, message: value })
      }),
    )
  })
})
