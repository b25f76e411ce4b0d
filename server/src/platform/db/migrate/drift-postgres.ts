import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import { connectClient } from '../postgres/connect-client.ts'
import { translatePostgresError } from '../postgres/postgres-errors.ts'
import { createStatements } from '../schema/ddl.ts'
import type { AnyTable } from '../schema/table.ts'
import { HISTORY_TABLE } from './migrator.ts'
import { type SchemaFacts, schemaDifferences } from './schema-facts.ts'

// Each answers (name, facts) for the tables of schema $1; the engine renders every expression itself.
const FACTS = [
  `select c.relname || '.' || a.attname as name,
     format_type(a.atttypid, a.atttypmod) || ' notnull=' || a.attnotnull || ' default='
       || coalesce(pg_get_expr(d.adbin, d.adrelid), 'null') || ' collation=' || a.attcollation::regcollation as facts
   from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
   left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
   where n.nspname = $1 and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped and c.relname <> $2`,
  `select c.relname || ': constraint ' || k.conname as name, pg_get_constraintdef(k.oid) as facts
   from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
   where n.nspname = $1 and k.contype <> 'n' and c.relname <> $2`,
  `select t.relname || ': index ' || i.relname as name, pg_get_indexdef(i.oid) as facts
   from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
   join pg_namespace n on n.oid = t.relnamespace where n.nspname = $1 and t.relname <> $2`,
  `select c.relname || ': policy ' || p.polname as name,
     p.polcmd::text || ' using ' || coalesce(pg_get_expr(p.polqual, p.polrelid), '-') || ' check '
       || coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '-') as facts
   from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
   where n.nspname = $1 and c.relname <> $2`,
  `select c.relname || ': row security' as name, c.relrowsecurity || ' forced ' || c.relforcerowsecurity as facts
   from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where n.nspname = $1 and c.relkind in ('r', 'p') and c.relname <> $2`,
  `select c.relname || ': trigger ' || t.tgname as name, pg_get_triggerdef(t.oid) as facts
   from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
   where n.nspname = $1 and not t.tgisinternal and c.relname <> $2`,
]

async function factsOf(client: pg.Client, schema: string): Promise<SchemaFacts> {
  await client.query(`set local search_path = "${schema}"`)
  const facts = new Map<string, string>()
  for (const sql of FACTS) {
    const { rows } = await client.query<{ name: string; facts: string }>(sql, [schema, HISTORY_TABLE])
    for (const row of rows) facts.set(row.name, row.facts.replaceAll(`${schema}.`, ''))
  }
  return facts
}

/**
 * Compares a PostgreSQL database with the declarations, by building them in a schema that is rolled back. Needs the
 * owning role; changes nothing.
 */
export async function postgresDrift(adminUrl: string, tables: readonly AnyTable[]): Promise<string[]> {
  const client = await connectClient({ connectionString: adminUrl })
  try {
    const scratch = `outcry_drift_${randomBytes(6).toString('hex')}`
    await client.query('begin')
    const actual = await factsOf(client, 'public')
    await client.query(`create schema "${scratch}"`)
    await client.query(`set local search_path = "${scratch}"`)
    for (const sql of tables.flatMap((table) => createStatements('postgres', table))) await client.query(sql)
    return schemaDifferences(await factsOf(client, scratch), actual)
  } catch (error) {
    throw translatePostgresError(error)
  } finally {
    await client.query('rollback').catch(() => undefined)
    await client.end()
  }
}
