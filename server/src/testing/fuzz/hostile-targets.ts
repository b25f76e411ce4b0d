import { boundaryNumbers, boundaryTexts, hostileTexts } from './hostile-values.ts'
import type { Operation, Parameter } from './operations.ts'
import { asBytes, type Mutation } from './request-draft.ts'

const encoded = (text: string) => encodeURIComponent(text.toWellFormed())

const trickyValues = [
  '%2e%2e',
  '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
  '%2f',
  '%5c',
  '%00',
  'a%00b',
  '%252e%252e%252f',
  '%c0%ae%c0%ae',
  '%c0%af',
  '%e0%80%af',
  '%ed%a0%80',
  '%ff%fe',
  '%',
  '%zz',
  '%u002e',
  '..;',
  '.',
  '..',
  '...',
  '~',
  '*',
  "'",
  '%27%20OR%201%3D1--',
  '%0d%0aX-Injected:%201',
  '%E2%80%AEadmin',
  asBytes('é'),
  asBytes('\u{1f4a3}'),
  '\x80\xff',
  'a'.repeat(200),
  'a'.repeat(7_000),
  'x'.repeat(17_000),
]

const valuesFor = ({ schema }: Parameter) => [
  ...boundaryTexts(schema).map(encoded),
  ...boundaryNumbers(schema).map(encoded),
  ...trickyValues,
  ...hostileTexts.filter((text) => text.length < 2_000).map(encoded),
]

/** The path of an operation with its parameters filled in. */
export function fillPath(path: string, fill: (name: string) => string): string {
  return path.replace(/\{([^}]+)\}/g, (_match, name: string) => fill(name))
}

const pathTricks: readonly (readonly [string, (path: string) => string])[] = [
  ['a trailing slash', (path) => `${path}/`],
  ['two slashes', (path) => path.replace('/v1/', '/v1//')],
  ['leading slashes', (path) => `//example.test${path}`],
  ['a dot segment', (path) => path.replace('/v1/', '/v1/./')],
  ['two dots', (path) => path.replace('/v1/', '/v1/x/../')],
  ['encoded dots', (path) => path.replace('/v1/', '/v1/x/%2e%2e/')],
  ['mixed encoded dots', (path) => path.replace('/v1/', '/v1/x/.%2E/')],
  ['an encoded slash', (path) => path.replace('/v1/', '/v1%2f')],
  ['a backslash', (path) => path.replace('/v1/', '/v1\\')],
  ['a path parameter', (path) => path.replace('/v1/', '/v1;a=b/')],
  ['a NUL', (path) => `${path}%00`],
  ['a NUL and a suffix', (path) => `${path}%00.json`],
  ['a suffix', (path) => `${path}.json`],
  ['another segment', (path) => `${path}/x/y/z`],
  ['capitals', (path) => path.toUpperCase()],
  ['an overlong dot', (path) => path.replace('/v1/', '/v1/%c0%ae%c0%ae/')],
  ['a broken escape', (path) => `${path}%`],
  ['a lone escape', (path) => `${path}%e0`],
  ['a raw control character', (path) => `${path}\x01`],
  ['a raw tab', (path) => `${path}\tx`],
  ['a space', (path) => `${path} x`],
  ['raw bytes', (path) => `${path}\xff\xfe`],
  ['a fragment', (path) => `${path}#x`],
  ['a whole address', (path) => `http://localhost${path}`],
  ['a foreign address', (path) => `http://example.test${path}`],
  ['an asterisk', () => '*'],
  ['nothing', () => ''],
  ['an authority', () => 'example.test:443'],
  ['a very long path', (path) => `${path}/${'x'.repeat(3_000)}`],
  ['many segments', (path) => `${path}${'/x'.repeat(1_000)}`],
  ['too long a path', (path) => `${path}/${'x'.repeat(20_000)}`],
]

/** Path parameters with hostile values, and the path as a whole said in other ways. */
export function pathMutations({ path, parameters }: Operation): Mutation[] {
  const inPath = parameters.filter((parameter) => parameter.in === 'path')
  return [
    ...inPath.flatMap((parameter) =>
      valuesFor(parameter).map(
        (value): Mutation => ({
          label: `path ${parameter.name} = ${value.slice(0, 60)}`,
          apply: (draft) => ({ ...draft, path: fillPath(path, () => value) }),
        }),
      ),
    ),
    ...pathTricks.map(
      ([label, spoil]): Mutation => ({
        label: `path with ${label}`,
        apply: (draft) => ({ ...draft, path: spoil(draft.path) }),
      }),
    ),
  ]
}

const wholeQueries = [
  '?',
  '&',
  '=',
  '&&&===',
  '%',
  '%zz=1',
  'a=%ff',
  'a=%00',
  '%00=a',
  'a=%ed%a0%80',
  '__proto__=1',
  '__proto__[role]=admin',
  'constructor[prototype][role]=admin',
  'a[]=1&a[]=2',
  'a[b]=1',
  'role=admin&role=user',
  'role=admin&user_id=1&is_verified=true',
  'access_token=x',
  'a=1;b=2',
  `a=${'x'.repeat(1_500)}`,
  `a=${'x'.repeat(2_100)}`,
  `a=${'x'.repeat(20_000)}`,
  Array.from({ length: 99 }, (_, at) => `p${at}=1`).join('&'),
  Array.from({ length: 130 }, (_, at) => `p${at}=1`).join('&'),
  'a='.repeat(500),
  '%F0%9F%92%A3=%F0%9F%92%A3',
  '\xff\xfe=\xff',
  'a=<script>',
  "a=' OR 1=1 --".replaceAll(' ', '+'),
]

/** Query parameters with hostile values, alone and twice, and queries that are none. */
export function queryMutations({ parameters }: Operation): Mutation[] {
  const set = (label: string, query: string): Mutation => ({ label, apply: (draft) => ({ ...draft, query }) })
  const inQuery = parameters.filter((parameter) => parameter.in === 'query')
  return [
    ...inQuery.flatMap((parameter) => [
      ...valuesFor(parameter).map((value) =>
        set(`query ${parameter.name} = ${value.slice(0, 60)}`, `${parameter.name}=${value}`),
      ),
      set(`query ${parameter.name} twice`, `${parameter.name}=1&${parameter.name}=2`),
      set(`query ${parameter.name} as an array`, `${parameter.name}[]=1`),
      set(`query ${parameter.name} as an object`, `${parameter.name}[$gt]=`),
      set(`query ${parameter.name} in capitals`, `${parameter.name.toUpperCase()}=1`),
    ]),
    ...wholeQueries.map((query) => set(`query ${query.slice(0, 60)}`, query)),
  ]
}
