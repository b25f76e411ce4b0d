import { beforeAll, describe, expect, it } from 'vitest'
import { lintSamples } from './lint-files.ts'

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: they are sources of templates
const REFUSED = [
  'db.exec(`delete from users where id = ${id}`)',
  'db.prepare(`select 1 from ${table}`)',
  "db.prepare('select * from users where email = ' + email)",
  "client.query('select * from users where email = $1 and ' + more, [email])",
  'client.query(`listen ${channel}`)',
  'client.query(`analyze ${table}`, [])',
  "sql.raw(['a', name].join('.'))",
  'sql.raw(`"${column}"`)',
  "sql.lit('x'.concat(name))",
  'rawStatement(`analyze ${table}`, registry)',
  'session.control(`savepoint ${name}`)',
  "['id'].map((column) => `select ${column} from users`)",
  "`update users set name = '${name}'`",
  "'insert into users values (' + values + ')'",
]

const LEFT_ALONE = [
  "db.exec('select 1')",
  'client.query(`listen ${CHANNEL}`)',
  "client.query('select pg_notify($1, $2)', [CHANNEL, `${topic} ${id}`])",
  'sql`select ${id} from users`',
  'pattern.exec(text)',
  '`Select one of ${count} accounts`',
  '`Update ${name} from the settings page`',
]
const [DDL, BESIDE_DDL, TEST] = ['db/schema/ddl-sqlite.ts', 'db/schema/made-up.ts', 'made-up.test.ts']
const DROP = 'db.exec(`drop table ${name}`)'
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: they are sources of templates

let linted: Awaited<ReturnType<typeof lintSamples>>

beforeAll(async () => {
  linted = await lintSamples({
    refused: REFUSED,
    leftAlone: LEFT_ALONE,
    named: { [DDL]: DROP, [BESIDE_DDL]: DROP, [TEST]: DROP },
  })
})

describe('the linter', () => {
  it.each(REFUSED.map((expression, at) => ({ expression, at })))('C53: refuses $expression', ({ at }) => {
    expect(linted.isRefused(`refused-${at}.ts`), linted.output).toBe(true)
    expect(linted.output).toContain('No SQL made from strings')
    expect(linted.status).toBe(1)
  })

  it.each(LEFT_ALONE.map((expression, at) => ({ expression, at })))('leaves $expression alone', ({ at }) => {
    expect(linted.isRefused(`left-alone-${at}.ts`), linted.output).toBe(false)
  })

  it('C53: lets the writers of DDL alone, file by file, and tests', () => {
    expect([DDL, BESIDE_DDL, TEST].map(linted.isRefused)).toEqual([false, true, false])
  })
})
