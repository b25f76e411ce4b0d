import { describe, expect, it } from 'vitest'
import { sendRaw, statusOf } from './testing/raw-request.ts'
import { startTestServer } from './testing/test-server.ts'

/** A small generator of repeatable noise (mulberry32), so that a failing case can be run again. */
function noise(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const seeds = [
  '{"name":"box","size":3,"parts":[{"label":"a"},{"label":"b"}]}',
  '{"name":"\\ud83d\\ude00","size":1e2,"x":[true,false,null,-0.5]}',
  '{"a":{"b":{"c":[[[{"d":"e"}]]]}}}',
  '"text"',
  '[1,2,3]',
]
const tokens = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ',',
  ':',
  '\\',
  '\\u0000',
  '\\ud800',
  '__proto__',
  'constructor',
  '1e999',
  '-',
  '\u0000',
  '\ufeff',
  '\xff',
  'null',
  '9007199254740993',
  '\r\n',
  '/*',
  '"name":"b",',
]

function mutate(random: () => number): Buffer {
  let bytes = Buffer.from(seeds[Math.floor(random() * seeds.length)] ?? '', 'utf8')
  for (let i = 0; i <= random() * 4; i++) {
    const at = Math.floor(random() * bytes.length)
    const token = Buffer.from(tokens[Math.floor(random() * tokens.length)] ?? '', 'latin1')
    const dropped = random() < 0.5 ? 0 : Math.floor(random() * 4)
    bytes = Buffer.concat([bytes.subarray(0, at), token, bytes.subarray(at + dropped)])
    if (random() < 0.3 && bytes.length > 0)
      bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256)
  }
  return bytes
}

describe('hostile input', () => {
  it('R16: answers 4,000 malformed bodies without a 5xx and without leaking', async () => {
    const { post, seen } = await startTestServer()
    const random = noise(42)
    const statuses = new Map<number, number>()
    for (let round = 0; round < 100; round++) {
      const batch = Array.from({ length: 40 }, () => mutate(random))
      const answers = await Promise.all(
        batch.map(async (body, i) => {
          const response = await post(i % 2 === 0 ? '/api/v1/things' : '/api/v1/echo', new Uint8Array(body))
          return { response, text: await response.text(), body }
        }),
      )
      for (const { response, text, body } of answers) {
        statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1)
        expect(response.status, body.toString('latin1')).toBeLessThan(500)
        if (response.status >= 400) {
          expect(JSON.parse(text)).toMatchObject({
            status: response.status,
            detail: expect.stringMatching(/\.$/),
          })
          expect(text).not.toMatch(/SyntaxError|node_modules|at \w+ \(|FST_/)
        }
      }
    }
    expect([...statuses.keys()].sort()).toEqual(
      [200, 201, 400, 409, 422].filter((status) => statuses.has(status)),
    )
    expect(statuses.get(400)).toBeGreaterThan(100)
    for (const body of seen)
      expect(Object.keys(body as object).every((key) => ['name', 'size', 'parts'].includes(key))).toBe(true)
    expect(Object.prototype).not.toHaveProperty('role')
  })

  it('R16: answers 400 malformed requests without a 5xx or a crash', async () => {
    const { address, get } = await startTestServer()
    const random = noise(7)
    const request =
      'POST /api/v1/things?skip=1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{"name":"a"}'
    const parts = [
      '\r\n',
      '\n',
      ' ',
      '%',
      '%00',
      '..',
      '/',
      ':',
      '\0',
      'Transfer-Encoding: chunked\r\n',
      'Content-Length: 5\r\n',
      'Host: x\r\n',
      '\xff',
      'HTTP/9',
      '?',
      '#',
    ]
    for (let i = 0; i < 400; i++) {
      const at = Math.floor(random() * 60)
      const part = parts[Math.floor(random() * parts.length)] ?? ''
      const answer = await sendRaw(
        address,
        Buffer.from(`${request.slice(0, at)}${part}${request.slice(at)}\r\n\r\n`, 'latin1'),
        true,
      )
      expect(statusOf(answer), `${at} ${JSON.stringify(part)}`).toBeLessThan(500)
      expect(answer).not.toMatch(/node_modules|HPE_|at \w+ \(/)
    }
    expect((await get('/api/v1/things')).status).toBe(200)
  })
})
