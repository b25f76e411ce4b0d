import { type AppliedMigration, HISTORY_TABLE } from '../migrate/migrator.ts'
import type { DatabaseLocation } from '../open-database.ts'
import { rawStatement } from '../postgres/control-statements.ts'
import { quoteName } from '../schema/quote.ts'
import { integerValueType, textType } from '../schema/scalar-types.ts'
import type { AnyTable } from '../schema/table.ts'
import type { Dialect } from '../schema/value-type.ts'
import type { ReadSession } from '../session.ts'
import { openSnapshot } from './copy-connection.ts'
import { readRows } from './read-rows.ts'
import type { StoredRow } from './stored-row.ts'

/** Where rows come from: a database or a backup, unchanging while it is open. */
export interface RowSource {
  readonly dialect: Dialect
  /** Which migrations made its tables. */
  applied(): Promise<readonly AppliedMigration[]>
  count(table: AnyTable): Promise<number>
  /** Every row; with `having`, only rows where one of those columns is set. */
  rows(table: AnyTable, having?: readonly string[]): AsyncIterable<readonly StoredRow[]>
  close(): Promise<void>
}

async function numberFrom(session: ReadSession, sql: string): Promise<number> {
  const statement = { ...rawStatement(sql), hints: new Map([['n', integerValueType]]) }
  const row = (await session.first(statement, [])) as { n: number } | undefined
  return row?.n ?? 0
}

/** Which migrations a database has had. */
export async function appliedIn(session: ReadSession): Promise<readonly AppliedMigration[]> {
  const exists =
    session.target.dialect === 'sqlite'
      ? `select count(*) as n from sqlite_schema where name = '${HISTORY_TABLE}'`
      : `select count(to_regclass('${HISTORY_TABLE}')) as n`
  if ((await numberFrom(session, exists)) === 0) return []
  const text = textType(Number.MAX_SAFE_INTEGER)
  const statement = {
    ...rawStatement(`select id, checksum from ${HISTORY_TABLE} order by id`),
    hints: new Map([
      ['id', text],
      ['checksum', text],
    ]),
  }
  return (await session.all(statement, [])) as AppliedMigration[]
}

/** How many rows a table has. */
export function countRows(session: ReadSession, table: AnyTable): Promise<number> {
  return numberFrom(session, `select count(*) as n from ${quoteName(table.name)}`)
}

/** A database as it is at this moment, whatever is written to it afterwards. */
export async function openDatabaseSource(location: DatabaseLocation): Promise<RowSource> {
  const snapshot = await openSnapshot(location)
  return {
    dialect: location.kind,
    applied: () => appliedIn(snapshot),
    count: (table) => countRows(snapshot, table),
    rows: (table, having = []) => readRows(snapshot, table, { having }),
    close: () => snapshot.close(),
  }
}
