import { hostileJson, hostileTexts } from './hostile-values.ts'
import type { Operation } from './operations.ts'
import type { Random } from './random.ts'
import { type Mutation, type RequestDraft, withHeader, withoutHeader } from './request-draft.ts'

type Body = NonNullable<Operation['body']>

const isForm = ({ contentType }: Body) => contentType === 'application/x-www-form-urlencoded'

/** Reads the draft's own valid body, spoils it, and writes it back as raw text. */
function spoilFields(
  draft: RequestDraft,
  body: Body,
  spoil: (pairs: [string, string][]) => void,
): RequestDraft {
  const text = draft.body?.toString('utf8') ?? ''
  const pairs = isForm(body)
    ? [...new URLSearchParams(text)].map(([name, value]): [string, string] => [
        name,
        encodeURIComponent(value),
      ])
    : Object.entries(parsed(text)).map(([name, value]): [string, string] => [name, JSON.stringify(value)])
  spoil(pairs)
  const spoiled = isForm(body)
    ? pairs.map(([name, value]) => `${name}=${value}`).join('&')
    : `{${pairs.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`
  return { ...draft, body: Buffer.from(spoiled, 'utf8') }
}

// Note: an earlier mutation of the same draft may have left something that is no object.
function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
  } catch {
    return {}
  }
}

function percentEncoded(text: string): string {
  return [...Buffer.from(text, 'utf8')].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
}

const brokenPercents = [
  '%',
  '%zz',
  '%ff',
  '%c0%ae',
  '%ed%a0%80',
  '%00',
  '%f4%90%80%80',
  '%u0041',
  '+',
  '%2B%20',
]

function replaceField(draft: RequestDraft, body: Body, field: readonly [string, string]): RequestDraft {
  return spoilFields(draft, body, (pairs) => {
    const at = pairs.findIndex(([name]) => name === field[0])
    pairs.splice(at === -1 ? pairs.length : at, 1, [...field])
  })
}

/** Every field of a body with every hostile value in its place. */
export function fieldMutations(body: Body): Mutation[] {
  return Object.entries(body.schema.properties ?? {}).flatMap(([name, schema]) => {
    const values = isForm(body)
      ? [...hostileTexts.map(percentEncoded), ...brokenPercents]
      : hostileJson(schema)
    return values.map(
      (value): Mutation => ({
        label: `body.${name} = ${value.slice(0, 60)}`,
        apply: (draft) => replaceField(draft, body, [name, value]),
      }),
    )
  })
}

const effectiveNames = ['id', 'role', 'user_id', 'is_verified', 'status', 'owner_id', 'email_verified_at']
const dangerousNames = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  '',
  ' ',
  '\u202ea',
  'a'.repeat(9_000),
]

/** Fields missing, repeated, and added that nobody may set. */
export function shapeMutations(body: Body): Mutation[] {
  const names = Object.keys(body.schema.properties ?? {})
  const plain = isForm(body) ? 'admin' : '"admin"'
  const add = (name: string, value: string): Mutation => ({
    label: `added ${name.slice(0, 40)} = ${value.slice(0, 40)}`,
    apply: (draft) =>
      spoilFields(draft, body, (pairs) =>
        pairs.push([isForm(body) ? encodeURIComponent(name) : name, value]),
      ),
  })
  return [
    ...names.map(
      (name): Mutation => ({
        label: `without ${name}`,
        apply: (draft) =>
          spoilFields(draft, body, (pairs) => {
            const at = pairs.findIndex(([each]) => each === name)
            if (at !== -1) pairs.splice(at, 1)
          }),
      }),
    ),
    ...names.map((name) => add(name, plain)),
    ...[...effectiveNames, ...dangerousNames].map((name) => add(name, plain)),
    ...(isForm(body)
      ? [add('role[]', 'admin'), add('a[b][c]', '1')]
      : [add('__proto__', '{"role":"admin"}')]),
    ...wholeBodies.map(
      ([label, text]): Mutation => ({
        label: `body is ${label}`,
        apply: (draft) => ({ ...draft, body: Buffer.from(text, 'utf8') }),
      }),
    ),
  ]
}

const wholeBodies: readonly (readonly [string, string])[] = [
  ['empty', ''],
  ['blank', ' \n\t'],
  ['null', 'null'],
  ['a number', '1e400'],
  ['a string', '"x"'],
  ['an array', '[]'],
  ['an array of objects', '[{},{}]'],
  ['two documents', '{}{}'],
  ['a comment', '/* a */{}'],
  ['a trailing comma', '{"a":1,}'],
  ['unquoted', '{a:1}'],
  ['half', '{"a":'],
  ['deep', `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`],
  ['deep arrays', '['.repeat(15_000)],
  ['wide', `{${Array.from({ length: 2_000 }, (_, at) => `"k${at}":1`).join(',')}}`],
  ['colliding', `{${Array.from({ length: 300 }, () => '"a":1').join(',')}}`],
  ['too large', `{"a":"${'a'.repeat(20_000)}"}`],
  ['far too large', `{"a":"${'a'.repeat(150_000)}"}`],
  ['fields', Array.from({ length: 300 }, (_, at) => `f${at}=1`).join('&')],
  ['separators', '&&&=&=&;&'.repeat(50)],
  ['XML', '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'],
]

/** Bytes cut off, changed, added, or in another encoding. */
export function byteMutations(random: Random): Mutation[] {
  const onBytes = (label: string, change: (bytes: Buffer) => Buffer): Mutation => ({
    label,
    apply: (draft) => ({ ...draft, body: change(Buffer.from(draft.body ?? Buffer.alloc(0))) }),
  })
  const spoil = (bytes: Buffer, spoiled: readonly number[]) => {
    const at = random.below(bytes.length + 1)
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(spoiled), bytes.subarray(at)])
  }
  const broken = [
    [0xff],
    [0xc0, 0xae],
    [0xed, 0xa0, 0x80],
    [0xf5, 0x80, 0x80, 0x80],
    [0x80],
    [0xe2, 0x82],
    [0],
    [0x1b],
    [0x22],
    [0x5c],
  ]
  return [
    ...broken.flatMap((bytes) => [
      onBytes(`bytes ${bytes.map((each) => each.toString(16)).join(' ')} in between`, (body) =>
        spoil(body, bytes),
      ),
    ]),
    ...Array.from({ length: 12 }, () =>
      onBytes('cut off', (bytes) => bytes.subarray(0, random.below(bytes.length + 1))),
    ),
    ...Array.from({ length: 12 }, () =>
      onBytes('bits flipped', (bytes) => {
        for (let i = 0; i < 3 && bytes.length > 0; i++) bytes[random.below(bytes.length)] = random.below(256)
        return bytes
      }),
    ),
    onBytes('byte order mark', (bytes) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes])),
    onBytes('UTF-16', (bytes) => Buffer.from(bytes.toString('utf8'), 'utf16le')),
    onBytes('twice', (bytes) => Buffer.concat([bytes, bytes])),
    onBytes('noise', () => Buffer.from(Array.from({ length: 400 }, () => random.below(256)))),
  ]
}

const contentTypes = [
  '',
  'text/plain',
  'text/html',
  'application/json',
  'application/x-www-form-urlencoded',
  'application/jsonx',
  'APPLICATION/JSON',
  'application/json; charset=latin1',
  'application/json; charset=utf-7',
  'application/json;charset="utf-8";x=y',
  'application/json, text/plain',
  'application/merge-patch+json',
  'multipart/form-data; boundary=x',
  'multipart/form-data',
  'application/octet-stream',
  'application/xml',
  '*/*',
  ';;;',
  'a'.repeat(4_000),
]

/** The same body under another type, encoding or framing. */
export function framingMutations(): Mutation[] {
  const frame = (label: string, change: (draft: RequestDraft) => Partial<RequestDraft>): Mutation => ({
    label,
    apply: (draft) => ({ ...draft, ...change(draft) }),
  })
  const lying = (label: string, headers: readonly [string, string][], isUnfinished = false): Mutation =>
    frame(label, (draft) => ({ headers: [...draft.headers, ...headers], framing: 'as-is', isUnfinished }))
  return [
    ...contentTypes.map(
      (type): Mutation => ({
        label: `content type ${type.slice(0, 60)}`,
        apply: (draft) => withHeader(draft, 'Content-Type', type),
      }),
    ),
    { label: 'no content type', apply: (draft) => withoutHeader(draft, 'Content-Type') },
    ...['gzip', 'br', 'deflate, gzip', 'identity', 'x'].map(
      (encoding): Mutation => ({
        label: `content encoding ${encoding}`,
        apply: (draft) => withHeader(draft, 'Content-Encoding', encoding),
      }),
    ),
    frame('two content types', ({ headers }) => ({ headers: [...headers, ['Content-Type', 'text/plain']] })),
    frame('chunked', () => ({ framing: 'chunked' })),
    lying('length and chunked', [
      ['Content-Length', '3'],
      ['Transfer-Encoding', 'chunked'],
    ]),
    lying('two lengths', [
      ['Content-Length', '3'],
      ['Content-Length', '5'],
    ]),
    lying('length of -1', [['Content-Length', '-1']]),
    lying('length of 1e3', [['Content-Length', '1e3']]),
    lying('length beyond', [['Content-Length', '999999999999999999999']]),
    lying('length of 10 GB', [['Content-Length', '10737418240']], true),
    lying('length too long', [['Content-Length', '4000']], true),
    lying('no length', []),
    lying('chunked without chunks', [['Transfer-Encoding', 'chunked']], true),
    lying('other transfer encoding', [['Transfer-Encoding', 'gzip, chunked']], true),
    lying('unknown transfer encoding', [['Transfer-Encoding', 'xchunked']], true),
    frame('chunk of impossible size', ({ headers }) => ({
      headers: [...headers, ['Transfer-Encoding', 'chunked']],
      framing: 'as-is',
      body: Buffer.from('ffffffffffffffff1\r\na\r\n0\r\n\r\n'),
    })),
    frame('chunk extensions', ({ headers, body = Buffer.alloc(0) }) => ({
      headers: [...headers, ['Transfer-Encoding', 'chunked']],
      framing: 'as-is',
      body: Buffer.concat([
        Buffer.from(`${body.length.toString(16)};${'x=y;'.repeat(200)}\r\n`),
        body,
        Buffer.from('\r\n0\r\nX-Trailer: 1\r\nContent-Length: 9\r\n\r\n'),
      ]),
    })),
    { label: 'expect 100-continue', apply: (draft) => withHeader(draft, 'Expect', '100-continue') },
    { label: 'expect the unknown', apply: (draft) => withHeader(draft, 'Expect', 'tea') },
  ]
}
