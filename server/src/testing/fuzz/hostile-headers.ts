import { asBytes, type Mutation, type RequestDraft, withHeader, withoutHeader } from './request-draft.ts'

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const unsigned = (header: object) =>
  `${encode({ typ: 'at+jwt', ...header })}.${encode({ sub: 'x', sid: 'x', exp: 9_999_999_999 })}.`

const strangeCredentials = [
  'Bearer',
  'Bearer ',
  'Bearer  a',
  'Bearer a b',
  'bearer x',
  'BEARER x',
  'Bearer,x',
  'Basic YTpi',
  'Basic !!!',
  'Digest username="admin"',
  'Token x',
  'x',
  '',
  'Bearer ..',
  'Bearer a.b.c',
  'Bearer null',
  'Bearer undefined',
  `Bearer ${'x'.repeat(4_200)}`,
  `Bearer ${'x'.repeat(12_000)}`,
  `Bearer ${unsigned({ alg: 'none' })}`,
  `Bearer ${unsigned({ alg: 'HS256', kid: '../../dev/null' })}AAAA`,
  `Bearer ${unsigned({ alg: 'EdDSA', kid: "' OR 1=1" })}AAAA`,
  `Bearer ${unsigned({ alg: 'EdDSA', jku: 'https://example.test/', crit: ['x'] })}AAAA`,
  `Bearer ${asBytes('é')}`,
  'Bearer \x01',
]

const spoiledTokens: readonly (readonly [string, (token: string) => string])[] = [
  ['with a tail', (token) => `${token}A`],
  ['with a padded tail', (token) => `${token}=`],
  ['with another last letter', (token) => `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`],
  ['without its signature', (token) => `${token.slice(0, token.lastIndexOf('.'))}.`],
  ['without its head', (token) => token.slice(token.indexOf('.'))],
  ['twice', (token) => `${token}.${token}`],
  ['in quotes', (token) => `"${token}"`],
  ['in capitals', (token) => token.toUpperCase()],
]

const strangeHeaders: readonly (readonly [string, string])[] = [
  ['Host', 'example.test'],
  ['Host', 'localhost.example.test'],
  ['Host', 'localhost:99999'],
  ['Host', ''],
  ['Host', 'localhost, example.test'],
  ['Host', `${'a'.repeat(300)}.test`],
  ['Origin', 'null'],
  ['Origin', 'https://example.test'],
  ['Origin', 'http://localhost.example.test:4000'],
  ['Origin', ''],
  ['Sec-Fetch-Site', 'cross-site'],
  ['Sec-Fetch-Site', 'x'],
  ['Referer', 'https://example.test/'],
  ['Cookie', '__Host-session=x; __Host-session=y'],
  ['Cookie', ';;;=;a'],
  ['Cookie', `a=${'x'.repeat(6_000)}`],
  ['X-Forwarded-For', '127.0.0.1'],
  ['X-Forwarded-For', "'; DROP TABLE users"],
  ['Forwarded', 'for="[::1]";host=example.test;proto=https'],
  ['X-Real-IP', 'x'],
  ['CF-Connecting-IP', '::1'],
  ['X-Forwarded-Host', 'example.test'],
  ['X-Original-URL', '/api/v1/users'],
  ['X-Rewrite-URL', '/api/v1/users'],
  ['X-HTTP-Method-Override', 'DELETE'],
  ['X-Request-Id', '<script>'],
  ['X-Request-Id', 'a'.repeat(5_000)],
  ['User-Agent', ''],
  ['User-Agent', asBytes('\u{1f4a3}').repeat(200)],
  ['User-Agent', 'x\x0by'],
  ['User-Agent', 'a'.repeat(9_000)],
  ['User-Agent', 'a'.repeat(17_000)],
  ['Accept', 'text/html'],
  ['Accept', 'application/xml;q=x'],
  ['Accept-Language', '../../etc/passwd'],
  ['Accept-Encoding', 'gzip;q=99, *;q=-1'],
  ['Accept-Version', '999.0.0'],
  ['Range', 'bytes=0-0,1-1,-1'],
  ['If-Match', '"x"'],
  ['If-None-Match', '*'],
  ['If-Modified-Since', 'never'],
  ['Idempotency-Key', ''],
  ['Idempotency-Key', 'a'.repeat(256)],
  ['Idempotency-Key', asBytes('é')],
  ['Upgrade', 'websocket'],
  ['Upgrade', 'h2c'],
  ['HTTP2-Settings', 'AAMAAABkAARAAAAAAAIAAAAA'],
  ['Max-Forwards', '0'],
  ['Via', '1.1 x'],
  ['TE', 'trailers, x'],
  ['Trailer', 'Content-Length'],
  ['Access-Control-Request-Method', 'DELETE'],
  ['__proto__', 'x'],
  ['constructor', 'x'],
  ['X-Fold', 'a\r\n b'],
  ['X-Smuggle', 'a\r\nX-Injected: 1'],
  ['X-Bare', 'a\rb'],
  ['X-Line', 'a\nb: c'],
  ['X-Nul', 'a\x00b'],
  ['X Space', 'a'],
  ['X-Tail ', 'a'],
  ['', 'a'],
]

const strangeMethods = [
  'TRACE',
  'TRACK',
  'CONNECT',
  'PROPFIND',
  'PURGE',
  'FOO',
  'get',
  'GeT',
  'X'.repeat(50),
  'OPTIONS',
  'HEAD',
  'PUT',
  'PATCH',
  'DELETE',
  'GET',
  'POST',
  'QUERY',
  'M-SEARCH',
  '',
  '\x00',
]

const tokenOf = ({ headers }: RequestDraft) =>
  headers.find(([name]) => name === 'Authorization')?.[1].slice('Bearer '.length) ?? 'a.b.c'

/** Credentials, headers and methods that are wrong, odd, repeated, or too many. */
export function headerMutations(): Mutation[] {
  const add = (label: string, headers: readonly (readonly [string, string])[]): Mutation => ({
    label,
    apply: (draft) => ({ ...draft, headers: [...draft.headers, ...headers] }),
  })
  return [
    ...strangeCredentials.map(
      (value): Mutation => ({
        label: `authorization ${value.slice(0, 60)}`,
        apply: (draft) => withHeader(draft, 'Authorization', value),
      }),
    ),
    ...spoiledTokens.map(
      ([label, spoil]): Mutation => ({
        label: `token ${label}`,
        apply: (draft) => withHeader(draft, 'Authorization', `Bearer ${spoil(tokenOf(draft))}`),
      }),
    ),
    add('two authorizations', [
      ['Authorization', 'Bearer x'],
      ['Authorization', 'Basic YTpi'],
    ]),
    ...strangeHeaders.map(
      ([name, value]): Mutation => ({
        label: `header ${name}: ${value.slice(0, 60)}`,
        apply: (draft) => withHeader(draft, name, value),
      }),
    ),
    { label: 'no host', apply: (draft) => withoutHeader(draft, 'Host') },
    add('two hosts', [['Host', 'example.test']]),
    add(
      '90 headers',
      Array.from({ length: 90 }, (_, at) => [`X-${at}`, 'x'] as const),
    ),
    add(
      '300 headers',
      Array.from({ length: 300 }, (_, at) => [`X-${at}`, 'x'] as const),
    ),
    ...strangeMethods.map(
      (method): Mutation => ({
        label: `method ${JSON.stringify(method)}`,
        apply: (draft) => ({ ...draft, method }),
      }),
    ),
  ]
}
