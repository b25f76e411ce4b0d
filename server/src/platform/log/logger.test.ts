import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Secret } from '../../config/secrets.ts'
import { createLogger } from './logger.ts'
import { redactText } from './redaction.ts'

function capture(options: Parameters<typeof createLogger>[0] = {}) {
  const lines: string[] = []
  const log = createLogger({ ...options, destination: { write: (line) => lines.push(line) } })
  return { log, lines, text: () => lines.join('') }
}

describe('createLogger', () => {
  it('C79: writes one JSON line with level, time, facts and sentence', () => {
    const { log, lines } = capture()
    log.info({ request_id: 'r1', status: 200 }, 'request')
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      request_id: 'r1',
      status: 200,
      message: 'request',
    })
  })

  it.each([
    ['a bearer token', 'Authorization: Bearer abcdef123456.xyz', 'abcdef123456'],
    ['a JSON web token', 'got eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', 'eyJzdWIi'],
    ['an e-mail address', 'mail to ann.smith+x@mail.example.test failed', 'ann.smith'],
    ['a password hash', 'row $argon2id$v=19$m=47104,t=1,p=1$c2FsdA$aGFzaA', 'c2FsdA'],
    ['a token in a query', 'GET /verify?token=abc123def', 'abc123def'],
    ['a JSON web token after a name', 'held session_eyJhbGciOi.eyJzdWIi.c2ln', 'eyJzdWIi'],
    ['a password in an address', 'connect postgres://app:hunter2@db/x', 'hunter2'],
    ['a password with an @ in an address', 'connect postgres://app:p@hunter2@db/x', 'hunter2'],
    ['a password with a / in an address', 'connect postgres://app:p/hunter2@db/x', 'hunter2'],
    ['a password with both in an address', 'connect postgres://app:p@ss/hunter2@db/x', 'hunter2'],
    ['a password after an e-mail address', 'smtp://ann@mail.example.test:hunter2@mx', 'hunter2'],
    ['a password in an address after a name', 'db_postgres://app:hunter2@db/x', 'hunter2'],
    ['a long password in an address', `postgres://app:${'hunter2'.repeat(100)}@db/x`, 'hunter2'],
    ['a password in a proxy of the web', 'by http://app:hunter2@proxy:3128/', 'hunter2'],
  ])('C79: never writes %s, whatever field it is in', (_name, value, secret) => {
    const { log, text } = capture()
    log.warn({ note: value }, 'something')
    log.error({ err: new Error(value, { cause: new Error(value) }) }, value)
    expect(text()).not.toContain(secret)
    expect(text()).toContain('[redacted]')
  })

  it.each([
    'GET http://localhost:4000/@ann',
    'GET https://[::1]:4000/@ann?next=@bob',
    'wss://outcry.example:443?to=@ann',
    'file:///srv/node_modules/@outcry/server/main.ts:10:5',
    'postgres://db/outcry, by @ann',
  ])('writes %s as it is', (value) => {
    const { log, lines } = capture()
    log.warn({ note: value }, 'something')
    expect(JSON.parse(lines[0] ?? '').note).toBe(value)
  })

  it('R15: costs a line of 100 KB no more than its length, whatever is in it', () => {
    const before = process.cpuUsage()
    for (const part of [
      'eyJyyyy-',
      'bearer ',
      'a://b:',
      'ab://x:',
      'ab://@',
      'ab://x:y@',
      'ws://[',
      'eyJ',
      '%.-@.-',
      '$2a',
      '?token=',
    ])
      redactText(`eyJ @ :// $ = bearer${part.repeat(100_000 / part.length)}`)
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1_000).toBeLessThan(1_000)
  })

  it('C79: escapes control characters and marks that reorder text', () => {
    const { log, text } = capture()
    log.info({ name: 'a\nb\u001b[31m\u202ecba\u0085\u2028' }, 'x')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(text().trimEnd()).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e\u2028]/)
    expect(JSON.parse(text()).name).toBe('a\nb\u001b[31m\u202ecba\u0085\u2028')
  })

  it('leaves out objects, so that nothing unlisted is printed', () => {
    const { log, text } = capture()
    const body: Record<string, unknown> = { password: 'hunter2' }
    // @ts-expect-error objects are not log fields
    log.info({ body, secret: new Secret('hunter2'), id: 'kept' }, 'x')
    expect(text()).not.toContain('hunter2')
    expect(text()).toContain('kept')
  })

  it('writes an error with type, message, code and causes, and no other property', () => {
    const { log, text } = capture()
    const err = Object.assign(new Error('duplicate key'), { code: '23505', detail: 'Key (email)=(hidden)' })
    log.error({ err: new Error('could not store', { cause: err }) }, 'x')
    expect(JSON.parse(text()).err).toMatchObject({ message: 'could not store', cause: { code: '23505' } })
    expect(text()).not.toContain('hidden')
  })

  it('writes readable lines when asked', () => {
    const { log, text } = capture({ format: 'pretty' })
    log.info({ status: 200 }, 'request')
    expect(text()).toContain('request')
    expect(() => JSON.parse(text())).toThrow()
  })

  it('C79: escapes in readable lines what JSON would not, and obeys none but its own colours', () => {
    const { log, lines } = capture({ format: 'pretty' })
    const controls = Array.from({ length: 160 }, (_, code) => String.fromCharCode(code)).filter((each) =>
      /(?![\n\t])\p{Cc}/u.test(each),
    )
    const hostile = (mark: string) => `first ${mark}[31m\n\tsecond`
    for (const mark of ['', ...controls, '\u061c', '\u200e', '\u2028', '\u202e', '\u2066', '\ufeff']) {
      const value = hostile(mark)
      log.error({ path: value, err: new Error(value, { cause: new Error(value) }) }, value)
    }
    const seen = lines.map((line) => line.match(/(?![\n\t ])[\p{Cc}\p{Cf}\p{Z}](?:\[\d+m)?/gu))
    expect(seen[0]?.length).toBeGreaterThan(3)
    expect(new Set(seen.map((marks) => marks?.join('')))).toEqual(new Set([seen[0]?.join('')]))
    expect(lines.join('')).toContain('first \\u202e[31m')
  })

  it('writes nothing below its level', () => {
    const { log, lines } = capture({ level: 'warn' })
    log.info({}, 'x')
    log.debug({}, 'x')
    expect(lines).toEqual([])
  })
})

/** A program that says its last words once its input ends, and then ends itself. */
const PROGRAM = `
  const { createLogger } = await import(${JSON.stringify(new URL('./logger.ts', import.meta.url).href)})
  const log = createLogger()
  process.stdin.resume()
  process.stdin.once('end', async () => {
    log.error({}, 'last words')
    await log.flush()
    process.exit(0)
  })
  process.stderr.write('ready')
`

describe('flush', () => {
  const start = async () => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM])
    onTestFinished(() => void child.kill('SIGKILL'))
    await once(child.stderr, 'data')
    return child
  }

  it('waits until everything is written', async () => {
    const child = await start()
    child.stdin.end()
    expect(await text(child.stdout)).toContain('last words')
  })

  it('lets the process end when nobody reads any more', { timeout: 20_000 }, async () => {
    const child = await start()
    child.stdout.destroy()
    child.stdin.end()
    const [code] = await once(child, 'exit')
    expect(code).toBe(0)
  })
})
