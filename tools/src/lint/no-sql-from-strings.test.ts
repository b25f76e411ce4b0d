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
  '`with old as (select id from users) delete from users where id = ${id}`',
  '`with recursive old(id) as materialized (select 1) select * from ${table}`',
  '`truncate ${table}`',
  '`delete from users where id = $${at}`',
  "`NOTIFY ${channel}, 'x'`",
  '`replace into users values (${id})`',
  '`insert or ignore into users values (${id})`',
  '`merge into ${table} using users on true`',
  '`explain ${query}`',
  '`analyze ${table}`',
  '`  set session authorization ${role}`',
  '`set local role ${role}`',
  '`lock table ${table}`',
  '`create unique index a on ${table} (id)`',
  '`drop policy if exists ${policy} on users`',
  '`savepoint ${name}`',
  'client.query({ text: `explain ${query}` })',
  'client.query({ name: CHANNEL, text: `begin; ${query}` })',
  "['delete from users where id = ', id].join('')",
  "[`update users set name = `, name].join('')",
  "'delete from users where id = '.concat(id)",
  "`delete from users where id = `.concat(id, ' or ', other)",
  'db.exec(`delete from users where ${T}`)',
  'client.query(`listen ${AB}`)',
]

const LEFT_ALONE = [
  "db.exec('select 1')",
  'client.query(`listen ${CHANNEL}`)',
  "client.query('select pg_notify($1, $2)', [CHANNEL, `${topic} ${id}`])",
  'sql`select ${id} from users`',
  'pattern.exec(text)',
  '`Select one of ${count} accounts`',
  '`Update ${name} from the settings page`',
  '`Notify ${name} of it`',
  '`Explain ${name} with an example as (it) is`',
  '`With ${count} accounts`',
  '`Set ${name} aside`',
  '`delete from users where id = ${OWN_ID}`',
  '`delete from users where id = $1`',
  'client.query({ text: `listen ${CHANNEL}` })',
  "client.query({ text: 'select pg_notify($1, $2)', values: [CHANNEL, `${topic} ${id}`] })",
  "['Select', name, 'from', list].join(' ')",
  "'Delete '.concat(name)",
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
