import { DatabaseSync } from 'node:sqlite'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { type Sample, samples } from '../../../testing/every-kind.ts'
import { type DatabaseFixture, forEachDatabase } from '../../../testing/for-each-database.ts'
import { onPostgresAt } from '../../../testing/postgres-client.ts'
import { createUuidv7 } from '../../crypto/uuid.ts'
import { ConstraintError, createSql, InvalidValueError, insertRow, updateRow } from '../index.ts'

const sql = createSql(samples)
const insert = insertRow(sql, samples)
const update = updateRow(sql, samples)
const newId = createUuidv7({ now: () => new Date() })
const SECRET = 'hunter2-do-not-log'
const UUID = '0190b2f0-0000-7000-8000-000000000001'

const refusedByLayer: Record<string, readonly unknown[]> = {
  a_uuid: [SECRET, '', `{${UUID}}`, UUID.replaceAll('-', ''), `${UUID}0`, 5, new Date()],
  a_text: [`${SECRET}${'x'.repeat(40)}`, `${SECRET}\0`, `${SECRET}\uD800`, `\uDC00${SECRET}`, 5, true],
  a_canonical: [`${SECRET}${'x'.repeat(120)}`, `${SECRET}\0`, '\uFDFA'.repeat(10)],
  some_words: [`${SECRET}\0`, `${SECRET}\uDBFF`, 5],
  an_integer: [1.5, 2 ** 31, -(2 ** 31), Number.NaN, Number.POSITIVE_INFINITY, '5', SECRET, 5n],
  a_bigint: [2 ** 53, -(2 ** 53), 0.1, '5'],
  some_money: [0.01, 2 ** 53, '10.00'],
  a_decimal: [
    1.5,
    '1e5',
    'NaN',
    '01',
    '.5',
    '5.',
    '+1',
    '1,5',
    `1.${'0'.repeat(19)}`,
    '1'.repeat(39),
    SECRET,
  ],
  a_double: [Number.NaN, Number.POSITIVE_INFINITY, '1.5'],
  a_boolean: [0, 1, 'true', 't'],
  an_instant: [
    new Date(Number.NaN),
    new Date(-1e15),
    '2026-01-01T00:00:00.000Z',
    0,
    new Date(253402300800000),
  ],
  a_day: ['2023-02-29', '2024-13-01', '0000-01-01', '2024-1-1', '20240101', new Date(), SECRET],
  some_json: [
    Number.NaN,
    { a: Number.POSITIVE_INFINITY },
    [undefined],
    { at: new Date() },
    { big: 1n },
    { run: () => SECRET },
    { key: `${SECRET}\0` },
    { [`${SECRET}\uD800`]: 1 },
    new Map(),
    nested(101),
  ],
  a_word: [SECRET, '', 'Plain', 42],
  some_bytes: [new Uint8Array(65), SECRET, [1, 2]],
  an_envelope: [new Uint8Array(63), SECRET],
  texts: [[SECRET.repeat(2)], ['a\0'], [null], ['a', 5], SECRET, { length: 0 }],
  uuids: [[SECRET], UUID],
  integers: [[1.5], ['1'], [2 ** 31]],
  bigints: [[2 ** 53]],
  enums: [[SECRET], ['plain', 'Plain']],
}

function nested(depth: number): unknown {
  return depth === 0 ? [] : [nested(depth - 1)]
}

type RawValue = string | { sqlite?: string; postgres?: string }

/** SQL literals, as somebody past the layer would write them. */
const refusedByDatabase: Record<string, readonly RawValue[]> = {
  a_uuid: [
    `'${SECRET}'`,
    `'${UUID}0'`,
    { sqlite: `'${UUID.toUpperCase().replace('0190', '019G')}'` },
    "''",
    { sqlite: "x'00'" },
  ],
  a_text: [
    `'${'x'.repeat(41)}'`,
    { sqlite: `'a' || char(0) || 'b'`, postgres: `'a' || chr(0)` },
    { sqlite: "x'61'" },
  ],
  a_canonical: [`'${'x'.repeat(121)}'`],
  some_words: [`'${'x'.repeat(61)}'`],
  an_integer: [`'${SECRET}'`, { sqlite: '1.5', postgres: "'1.5'" }, '2147483648'],
  a_bigint: ['9007199254740992', '-9007199254740992', { sqlite: '0.5', postgres: "'0.5'" }],
  some_money: ['9007199254740992', `'${SECRET}'`],
  a_decimal: ["'NaN'", `'${SECRET}'`, "'1.1.1'", "'1-1'", `'1${'0'.repeat(60)}'`],
  a_double: [
    { sqlite: '9e999', postgres: "'Infinity'" },
    { sqlite: '-9e999', postgres: "'NaN'" },
    `'${SECRET}'`,
  ],
  a_boolean: [{ sqlite: '2', postgres: "'2'" }, `'${SECRET}'`],
  an_instant: [
    `'${SECRET}'`,
    "'2023-02-29T00:00:00.000Z'",
    { sqlite: "'2024-01-01'" },
    { postgres: "'infinity'" },
    { postgres: "'10000-01-02'" },
  ],
  a_day: [`'${SECRET}'`, "'2023-02-29'", { postgres: "'infinity'" }, { sqlite: "'2024-1-1'" }],
  some_json: [`'${SECRET}'`, "'{'"],
  a_word: [`'${SECRET}'`, "'Plain'"],
  some_bytes: [{ sqlite: 'zeroblob(65)', postgres: `decode(repeat('00', 65), 'hex')` }, { sqlite: "'text'" }],
  an_envelope: [{ sqlite: 'zeroblob(63)', postgres: `decode(repeat('00', 63), 'hex')` }],
  texts: [
    { sqlite: `'${SECRET}'`, postgres: `array['${'x'.repeat(21)}']` },
    { sqlite: `'{"a":1}'`, postgres: "'{a,null}'" },
    { postgres: "'{{a},{b}}'" },
  ],
  uuids: [{ postgres: `array['${SECRET}']` }, { sqlite: `'5'` }],
  integers: [{ postgres: "'{1.5}'" }, { sqlite: `'1'` }],
  enums: [{ postgres: "array['plain', 'other']" }, { sqlite: `'"plain"'` }],
}

async function insertPastTheLayer(on: DatabaseFixture, column: string, literal: string): Promise<void> {
  const text = `insert into samples (id, batch, n, ${column}) values ('${newId()}', '${newId()}', 0, ${literal})`
  if (on.location.kind === 'sqlite') {
    const database = new DatabaseSync(on.location.path)
    try {
      database.exec(`begin; ${text}; rollback`)
    } finally {
      database.close()
    }
    return
  }
  const inTransaction = `begin; select set_config('app.system', 'on', true); ${text}; rollback`
  await onPostgresAt(on.location.url, (client) => client.query(inTransaction))
}

forEachDatabase('a value beyond its limits', { tables: [samples] }, (on) => {
  for (const [column, values] of Object.entries(refusedByLayer)) {
    it(`is refused by the layer without being told: ${column}`, async () => {
      for (const value of values) {
        const row = { id: newId(), batch: newId(), n: 0, [column]: value } as Sample
        const error = await on.db.withSystem((tx) => insert(tx, row)).catch((thrown: unknown) => thrown)
        expect({ value, name: Object(error).name }).toEqual({ value, name: 'InvalidValueError' })
        expect(inspect(error, { depth: 9 })).not.toContain(SECRET)
      }
    })
  }

  for (const [column, values] of Object.entries(refusedByDatabase)) {
    it(`is refused by the database itself: ${column}`, async () => {
      for (const value of values) {
        const literal = typeof value === 'string' ? value : value[on.dialect]
        if (literal === undefined) continue
        const error = await insertPastTheLayer(on, column, literal).catch((thrown: unknown) => thrown)
        expect({ literal, isRefused: error instanceof Error }).toEqual({ literal, isRefused: true })
      }
      await insertPastTheLayer(on, column, 'null')
    })
  }

  it('takes the longest text in code points, as the database counts them', async () => {
    const id = newId()
    const longest = '\u{1F680}'.repeat(40)
    await on.db.withSystem((tx) => insert(tx, { id, batch: id, n: 0, a_text: longest }))
    await expect(on.db.withSystem((tx) => update(tx, { id }, { a_text: `${longest}x` }))).rejects.toThrow(
      InvalidValueError,
    )
  })

  it('is refused when the engine computes it, without being told', async () => {
    const id = newId()
    await on.db.withSystem((tx) => insert(tx, { id, batch: id, n: 0, an_integer: 2_147_483_000 }))
    const add = sql.write((p: { by: number }) =>
      sql.builder
        .updateTable('samples')
        .set((eb) => ({ an_integer: eb('an_integer', '+', p.by) }))
        .where('id', '=', id),
    )
    const error = await on.db
      .withSystem((tx) => add.run(tx, { by: 1234567 }))
      .catch((thrown: unknown) => thrown)
    expect(error instanceof ConstraintError || error instanceof InvalidValueError).toBe(true)
    expect(inspect(error, { depth: 9 })).not.toContain('1234567')
    const half = await on.db
      .withSystem((tx) => add.run(tx, { by: -1234567.5 }))
      .catch((thrown: unknown) => thrown)
    expect(half instanceof ConstraintError || half instanceof InvalidValueError).toBe(true)
    expect(inspect(half, { depth: 9 })).not.toContain('1234567')
  })

  it('is told of by constraint and column, not by value, when it is there already', async () => {
    const id = newId()
    await on.db.withSystem((tx) => insert(tx, { id, batch: id, n: 0, a_text: SECRET }))
    const error = await on.db
      .withSystem((tx) => insert(tx, { id, batch: id, n: 0, a_text: SECRET }))
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ kind: 'unique', table: 'samples', columns: ['id'] })
    const told = inspect(error, { depth: 9 })
    expect(told).not.toContain(SECRET)
    expect(told).not.toContain(id)
  })
})

describe('the stored form of a value', () => {
  it('is reached in one step by every character', async () => {
    const { canonicalText } = await import('./scalar-types.ts')
    const { searchWords } = await import('./composite-types.ts')
    const unstable: string[] = []
    for (let code = 1; code <= 0x10ffff; code++) {
      if (code >= 0xd800 && code <= 0xdfff) continue
      const char = `a${String.fromCodePoint(code)}`
      const once = canonicalText(char)
      const words = searchWords(char)
      if (canonicalText(once) !== once || searchWords(words) !== words) unstable.push(code.toString(16))
    }
    expect(unstable).toEqual([])
  })
})
